"""A hospital without a server, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.conftest import NewDatabase
from tests.hospital_index import Index

from beeldpas.database.engine import migrate, open_engine
from beeldpas.gateway.app import MIGRATIONS


@pytest.fixture(params=["sqlite", "postgresql"])
async def hospital(request: pytest.FixtureRequest, new_database: NewDatabase, tmp_path: Path) -> AsyncIterator[Index]:
    url = new_database(request.param)
    await asyncio.to_thread(migrate, url, MIGRATIONS)
    engine = open_engine(url)
    yield Index(engine, tmp_path)
    await engine.dispose()
