"""The portal's actions run on both databases; PINs are hashed cheaply, except where their cost is the point."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from argon2 import PasswordHasher
from tests.postgres import Cluster
from tests.sharing_town import MIGRATIONS, Town

from beeldpas.database.engine import migrate, open_engine
from beeldpas.portal import pin


@pytest.fixture(scope="session")
def portal_sqlite(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database in a file with the portal's tables."""
    url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('portal')}/portal.db"
    migrate(url, MIGRATIONS)
    return url


@pytest.fixture(scope="session")
def portal_postgresql(postgres_cluster: Cluster) -> str:
    """A database in PostgreSQL with the portal's tables."""
    url = postgres_cluster.create("portal_actions")
    migrate(url, MIGRATIONS)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def portal_database(request: pytest.FixtureRequest) -> str:
    """A database of each engine: every test has keys, so people, of its own in it."""
    url: str = request.getfixturevalue(f"portal_{request.param}")
    return url


@pytest.fixture
async def town(portal_database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    """A portal with its neighbours."""
    monkeypatch.setattr(pin, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    engine = open_engine(portal_database)
    yield Town.build(engine)
    await engine.dispose()
