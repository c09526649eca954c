"""The portal's actions run on both databases; PINs are hashed cheaply, except where their cost is the point."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from argon2 import PasswordHasher
from tests.sharing_town import MIGRATIONS, Town

from beeldpas.database.engine import migrate, open_engine
from beeldpas.portal import pin


@pytest.fixture(scope="module")
def portal_database(database_url: str) -> str:
    """A database with the portal's tables, for all tests of a module; every test has its own people in it."""
    migrate(database_url, MIGRATIONS)
    return database_url


@pytest.fixture
async def town(portal_database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    """A portal with its neighbours."""
    monkeypatch.setattr(pin, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    engine = open_engine(portal_database)
    yield Town.build(engine)
    await engine.dispose()
