"""Doors with an empty database behind them; which database it is makes no difference to a door."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from tests.portal_doors import Doors
from tests.sharing_town import MIGRATIONS, Town

from beeldpas.database.engine import migrate, open_engine
from beeldpas.portal import pin


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the portal's tables, for one module: every test has people of its own in it."""
    url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('doors')}/portal.db"
    migrate(url, MIGRATIONS)
    return url


@pytest.fixture(scope="session")
def keys_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the client's key is, made once."""
    return tmp_path_factory.mktemp("keys")


@pytest.fixture
async def doors(database: str, keys_folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Doors]:
    """The open doors."""
    monkeypatch.setattr(pin, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    engine = open_engine(database)
    open_doors = Doors.build(Town.build(engine), keys_folder)
    yield open_doors
    await open_doors.town.house.gatherings.close()
    await engine.dispose()
