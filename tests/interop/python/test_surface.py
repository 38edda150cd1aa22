"""No public method of the clients is left out: what they have is read by reflection and compared with these tables."""

from pathlib import Path

import pytest

BUCKETS, OBJECTS, TABLES, AUTH = "test_buckets.py", "test_objects.py", "test_tables.py", "test_auth.py"

# Method → file of its test.
COVERED = {
    "storage": {
        **dict.fromkeys(
            ["create_bucket", "delete_bucket", "empty_bucket", "get_bucket", "list_buckets", "update_bucket"], BUCKETS
        ),
        "from_": "conftest.py",
    },
    "files": dict.fromkeys(
        [
            "copy", "create_signed_upload_url", "create_signed_url", "create_signed_urls", "download", "exists",
            "get_public_url", "info", "list", "list_v2", "move", "remove", "upload_to_signed_url",
        ],
        OBJECTS,
    )
    # Called by name there, with every kind of body.
    | dict.fromkeys(["upload", "update"], OBJECTS),
    "tables": {"from_": TABLES, "schema": TABLES},
    "table": dict.fromkeys(["select", "insert", "upsert", "update", "delete"], TABLES),
    "query": dict.fromkeys(
        [
            "eq", "neq", "gt", "gte", "lt", "lte", "like", "ilike", "is_", "in_", "match", "or_", "filter", "not_",
            "order", "limit", "offset", "range", "single", "maybe_single", "execute", "max_affected", "select",
        ],
        TABLES,
    ),
    "auth": dict.fromkeys(
        [
            "sign_in_with_password", "get_user", "get_session", "refresh_session", "set_session", "update_user",
            "sign_out", "sign_up",
        ],
        AUTH,
    ),
    "admin": dict.fromkeys(
        ["create_user", "get_user_by_id", "update_user_by_id", "list_users", "delete_user", "sign_out"], AUTH
    ),
}

OWN = "works within the client; sends nothing"
NOT_STORIES = "PostgREST can, stories do not use it"
PROVIDERS = "signing in with others than a password"

# Method → why it has no test.
EXCLUDED = {
    "storage": {"vectors": "vector buckets: another API", "analytics": "Iceberg buckets: another API"},
    "files": {},
    "tables": {
        **dict.fromkeys(["auth", "aclose"], OWN),
        "from_table": "another name of from_",
        "table": "another name of from_",
        "rpc": "there are no functions in the tables of stories",
    },
    "table": {},
    "query": {
        "retry": OWN,
        **dict.fromkeys(
            [
                "adj", "cd", "contained_by", "contains", "cs", "csv", "explain", "fts", "ilike_all_of", "ilike_any_of",
                "like_all_of", "like_any_of", "nxl", "nxr", "ov", "overlaps", "phfts", "plfts", "range_adjacent",
                "range_gt", "range_gte", "range_lt", "range_lte", "sl", "sr", "strip_nulls", "text_search", "wfts",
            ],
            NOT_STORIES,
        ),
    },
    "auth": {
        **dict.fromkeys(["close", "initialize", "initialize_from_storage", "initialize_from_url"], OWN),
        **dict.fromkeys(["on_auth_state_change", "get_claims"], "the JavaScript suite covers it; nothing else is sent"),
        **dict.fromkeys(
            [
                "exchange_code_for_session", "get_user_identities", "link_identity", "reauthenticate", "resend",
                "reset_password_email", "reset_password_for_email", "sign_in_anonymously", "sign_in_with_id_token",
                "sign_in_with_oauth", "sign_in_with_otp", "sign_in_with_sso", "unlink_identity", "verify_otp",
            ],
            PROVIDERS,
        ),
    },
    "admin": {
        "close": OWN,
        "generate_link": "sends mail",
        "invite_user_by_email": "sends mail",
    },
}


@pytest.fixture
def clients(project):
    return {
        "storage": project.storage,
        "files": project.storage.from_("any"),
        "tables": project.tables,
        "table": project.tables.from_("stories"),
        "query": project.tables.from_("stories").select("*"),
        "auth": project.auth,
        "admin": project.auth.admin,
    }


def methods(thing):
    kind = type(thing)
    return {
        name
        for name in dir(kind)
        if not name.startswith("_") and (callable(getattr(kind, name)) or isinstance(getattr(kind, name), property))
    }


@pytest.mark.parametrize("name", COVERED)
def test_every_method_is_tested_or_excluded_with_a_reason(clients, name):
    assert not COVERED[name].keys() & EXCLUDED[name].keys()
    assert methods(clients[name]) == COVERED[name].keys() | EXCLUDED[name].keys()
    for method, file in COVERED[name].items():
        text = (Path(__file__).parent / file).read_text()
        assert f".{method}" in text or f'"{method}"' in text, f"{file} does not call {method}"
