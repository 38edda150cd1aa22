"""supabase_auth: signing in with a password, and users made with the service key."""

import uuid

import pytest
from supabase_auth.errors import AuthApiError

PASSWORD = "correct horse battery staple"


@pytest.fixture
def user(project):
    email = f"editor-{uuid.uuid4()}@example.com"
    made = project.auth.admin.create_user(
        {"email": email, "password": PASSWORD, "email_confirm": True, "user_metadata": {"name": "Mimi"}}
    )
    assert made.user.email == email and made.user.user_metadata["name"] == "Mimi"
    return made.user


def code_of(call, *arguments):
    with pytest.raises(AuthApiError) as caught:
        call(*arguments)
    return caught.value.status, caught.value.code


def fresh(anon):
    """A client of its own: the session lives in it."""
    return type(anon)(anon.key).auth


def test_sign_in_with_password_and_get_user(anon, user):
    auth = fresh(anon)
    answer = auth.sign_in_with_password({"email": user.email, "password": PASSWORD})
    assert answer.user.id == user.id
    assert answer.session.expires_in == 3600 and answer.session.token_type == "bearer"
    assert auth.get_session().access_token == answer.session.access_token
    assert auth.get_user().user.email == user.email
    assert auth.get_user(answer.session.access_token).user.id == user.id
    wrong = {"email": user.email, "password": "wrong"}
    assert code_of(fresh(anon).sign_in_with_password, wrong) == (400, "invalid_credentials")


def test_refresh_session_and_set_session(anon, user):
    auth = fresh(anon)
    first = auth.sign_in_with_password({"email": user.email, "password": PASSWORD}).session
    second = auth.refresh_session().session
    assert second.refresh_token != first.refresh_token
    other = fresh(anon)
    assert other.set_session(second.access_token, second.refresh_token).user.id == user.id
    assert code_of(fresh(anon).refresh_session, "nonsense") == (400, "refresh_token_not_found")


def test_update_user_and_sign_out(anon, user):
    auth = fresh(anon)
    session = auth.sign_in_with_password({"email": user.email, "password": PASSWORD}).session
    changed = auth.update_user({"data": {"name": "New"}, "password": "another long one"})
    assert changed.user.user_metadata["name"] == "New"
    auth.sign_out()
    assert auth.get_session() is None
    assert code_of(fresh(anon).refresh_session, session.refresh_token)[0] == 400
    other = fresh(anon)
    assert other.sign_in_with_password({"email": user.email, "password": "another long one"}).user.id == user.id


def test_admin(project, anon, user):
    admin = project.auth.admin
    assert admin.get_user_by_id(user.id).user.email == user.email
    assert admin.update_user_by_id(user.id, {"user_metadata": {"name": "New"}}).user.user_metadata["name"] == "New"
    found, page = [], 1
    while batch := admin.list_users(page=page, per_page=50):
        found += [each.id for each in batch]
        page += 1
    assert user.id in found and len(found) == len(set(found))
    admin.delete_user(user.id)
    assert code_of(admin.get_user_by_id, user.id) == (404, "user_not_found")
    assert code_of(anon.auth.admin.get_user_by_id, user.id) == (403, "not_admin")


def test_admin_sign_out(project, anon, user):
    session = fresh(anon).sign_in_with_password({"email": user.email, "password": PASSWORD}).session
    project.auth.admin.sign_out(session.access_token)
    assert code_of(fresh(anon).refresh_session, session.refresh_token)[0] == 400


def test_sign_up_is_closed(anon):
    email = f"new-{uuid.uuid4()}@example.com"
    assert code_of(fresh(anon).sign_up, {"email": email, "password": PASSWORD}) == (422, "signup_disabled")
