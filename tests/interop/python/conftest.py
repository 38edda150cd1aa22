"""The project that the suite runs against, and what its tests have in common. See `tests/interop/run`."""

import os
import uuid

import pytest
from postgrest import SyncPostgrestClient
from storage3 import SyncStorageClient
from supabase_auth import SyncGoTrueClient


class Project:
    """The clients as an application makes them, with one key."""

    def __init__(self, key: str) -> None:
        self.url = os.environ["INTEROP_URL"]
        self.key = key
        headers = {"apikey": key, "Authorization": f"Bearer {key}"}
        self.storage = SyncStorageClient(f"{self.url}/storage/v1/", headers)
        self.tables = SyncPostgrestClient(f"{self.url}/rest/v1", headers=headers)
        self.auth = SyncGoTrueClient(
            url=f"{self.url}/auth/v1", headers=headers, auto_refresh_token=False, persist_session=False
        )


@pytest.fixture(scope="session")
def project() -> Project:
    return Project(os.environ["INTEROP_SERVICE_KEY"])


@pytest.fixture(scope="session")
def anon() -> Project:
    return Project(os.environ["INTEROP_ANON_KEY"])


@pytest.fixture
def make_bucket(project):
    def make(**options) -> str:
        name = f"interop-{uuid.uuid4()}"
        project.storage.create_bucket(name, options=options or None)
        return name

    return make


@pytest.fixture
def files(project, make_bucket):
    """An empty private bucket."""
    return project.storage.from_(make_bucket())
