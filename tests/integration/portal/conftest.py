"""The portal's stores on both databases, empty at the beginning of a module."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from argon2 import PasswordHasher
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.sharing_town import MIGRATIONS, Town

from beeldpas.database.engine import migrate, open_engine
from beeldpas.portal import pin


@pytest.fixture(scope="module")
def portal_database(database_url: str) -> str:
    """A database with the portal's tables."""
    migrate(database_url, MIGRATIONS)
    return database_url


@pytest.fixture
async def engine(portal_database: str) -> AsyncIterator[AsyncEngine]:
    """The open database."""
    engine = open_engine(portal_database)
    yield engine
    await engine.dispose()


@pytest.fixture
def town(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> Town:
    """A portal with its neighbours; PINs are hashed cheaply (what hashing costs is tested where it is done)."""
    monkeypatch.setattr(pin, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    return Town.build(engine)
