"""The portal's actions run on both databases; PINs are hashed cheaply, except where their cost is the point."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from argon2 import PasswordHasher
from tests.sharing_town import MIGRATIONS, Town

from beeldpas.database.engine import migrate, open_engine
from beeldpas.portal import pin


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def portal_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the portal's tables, one per engine: every test has keys, so people, of its own in it."""
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('portal')}/portal.db"
    else:
        url = request.getfixturevalue("postgres_cluster").create("portal_actions")
    migrate(url, MIGRATIONS)
    return url


@pytest.fixture
async def town(portal_database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    """A portal with its neighbours."""
    monkeypatch.setattr(pin, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    engine = open_engine(portal_database)
    yield Town.build(engine)
    await engine.dispose()
