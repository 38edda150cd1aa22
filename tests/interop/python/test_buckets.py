"""storage3: buckets."""

import uuid

import pytest
from storage3.exceptions import StorageApiError


def test_create_bucket_answers_with_the_name_and_get_bucket_shows_every_option(project):
    name = f"interop-{uuid.uuid4()}"
    options = {"public": True, "file_size_limit": 1234, "allowed_mime_types": ["image/png", "image/*"]}
    assert project.storage.create_bucket(name, options=options) == {"name": name}
    bucket = project.storage.get_bucket(name)
    assert (bucket.id, bucket.name, bucket.owner, bucket.public) == (name, name, "", True)
    assert (bucket.file_size_limit, bucket.allowed_mime_types) == (1234, ["image/png", "image/*"])
    assert bucket.created_at.tzinfo is not None and bucket.updated_at.tzinfo is not None


def test_create_bucket_with_an_id_and_a_name(project):
    name = f"interop-{uuid.uuid4()}"
    assert project.storage.create_bucket(name, name=f"{name}-shown") == {"name": f"{name}-shown"}
    bucket = project.storage.get_bucket(name)
    assert (bucket.id, bucket.name) == (name, f"{name}-shown")


def test_create_bucket_twice_and_under_a_bad_name(project, make_bucket):
    name = make_bucket()
    with pytest.raises(StorageApiError) as caught:
        project.storage.create_bucket(name)
    assert caught.value.to_dict() == {
        "name": "StorageApiError",
        "code": "Duplicate",
        "message": "The resource already exists",
        "status": "409",
    }
    with pytest.raises(StorageApiError, match="Bucket name invalid"):
        project.storage.create_bucket("a/b")


def test_get_bucket_that_is_missing(project):
    with pytest.raises(StorageApiError) as caught:
        project.storage.get_bucket("no-such-bucket")
    assert (caught.value.status, caught.value.code, caught.value.message) == (
        "404",
        "Bucket not found",
        "Bucket not found",
    )


def test_list_buckets_shows_all_to_the_service_key_and_none_to_the_anon_key(project, anon, make_bucket):
    name = make_bucket()
    found = [bucket for bucket in project.storage.list_buckets() if bucket.name == name]
    assert len(found) == 1 and found[0].public is False
    assert anon.storage.list_buckets() == []


def test_update_bucket(project, make_bucket):
    name = make_bucket()
    options = {"public": True, "file_size_limit": 2048, "allowed_mime_types": ["image/png"]}
    assert project.storage.update_bucket(name, options) == {"message": "Successfully updated"}
    bucket = project.storage.get_bucket(name)
    assert (bucket.public, bucket.file_size_limit, bucket.allowed_mime_types) == (True, 2048, ["image/png"])
    project.storage.update_bucket(name, {"file_size_limit": None, "allowed_mime_types": None})
    bucket = project.storage.get_bucket(name)
    assert (bucket.public, bucket.file_size_limit, bucket.allowed_mime_types) == (True, None, None)


def test_empty_bucket_and_delete_bucket(project, make_bucket):
    name = make_bucket()
    project.storage.from_(name).upload("dir/a.txt", b"words")
    with pytest.raises(StorageApiError) as caught:
        project.storage.delete_bucket(name)
    assert (caught.value.status, caught.value.code) == ("409", "ResourceNotEmpty")
    assert "queued" in project.storage.empty_bucket(name)["message"]
    assert project.storage.from_(name).list_v2().objects == []
    assert project.storage.delete_bucket(name) == {"message": "Successfully deleted"}
    with pytest.raises(StorageApiError, match="Bucket not found"):
        project.storage.get_bucket(name)


def test_the_anon_key_makes_no_bucket(anon):
    with pytest.raises(StorageApiError) as caught:
        anon.storage.create_bucket(f"interop-{uuid.uuid4()}")
    assert (caught.value.status, caught.value.code) == ("403", "Unauthorized")
