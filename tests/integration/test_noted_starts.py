"""A program that starts with other policies or keys than last time says so in its log, and does not start without."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.cast import NOW

from beeldpas.audit.events import Change
from beeldpas.audit.starting import fingerprint, note_start
from beeldpas.database.engine import migrate, open_engine, transaction
from beeldpas.domain.errors import Unavailable
from beeldpas.registry.app import MIGRATIONS
from beeldpas.registry.store.tables import access_log


async def kinds(url: str) -> list[str]:
    engine = open_engine(url)
    async with transaction(engine) as connection:
        rows = (await connection.execute(select(access_log.c.kind).order_by(access_log.c.row_id))).scalars().all()
    await engine.dispose()
    return list(rows)


async def test_a_change_is_noted_once_and_back_again_too(database_url: str, tmp_path: Path) -> None:
    await asyncio.to_thread(migrate, database_url, MIGRATIONS)
    policy, key = tmp_path / "one.cedar", tmp_path / "keys.json"
    policy.write_text("permit (principal, action, resource);")
    key.write_text('{"keys": ["a"]}')

    async def start(source: str = "registry") -> tuple[Change, ...]:
        files = {Change.POLICIES_CHANGED: [policy], Change.KEYS_CHANGED: [key]}
        return await note_start(database_url, source, NOW, files)

    assert await start() == (Change.POLICIES_CHANGED, Change.KEYS_CHANGED)  # the first start says with what
    assert await start() == ()
    key.write_text('{"keys": ["b"]}')
    assert await start() == (Change.KEYS_CHANGED,)
    policy.write_text("forbid (principal, action, resource);")
    assert await start() == (Change.POLICIES_CHANGED,)
    policy.write_text("permit (principal, action, resource);")
    assert await start() == (Change.POLICIES_CHANGED,)
    assert len(await kinds(database_url)) == 5
    assert await start("another") == (Change.POLICIES_CHANGED, Change.KEYS_CHANGED)


async def test_no_key_can_be_read_from_what_is_noted(new_database, tmp_path: Path) -> None:
    url, key = new_database("sqlite"), tmp_path / "keys.json"
    await asyncio.to_thread(migrate, url, MIGRATIONS)
    key.write_text('{"k": "a-very-secret-key"}')
    await note_start(url, "registry", NOW, {Change.KEYS_CHANGED: [key]})
    engine = open_engine(url)
    async with transaction(engine) as connection:
        record = (await connection.execute(select(access_log.c.record))).scalar_one()
    await engine.dispose()
    assert "a-very-secret-key" not in record
    assert fingerprint([key]) in record


async def test_without_a_database_there_is_no_start(tmp_path: Path) -> None:
    key = tmp_path / "keys.json"
    key.write_text("{}")
    with pytest.raises(Unavailable):
        await note_start(
            f"sqlite+aiosqlite:///{tmp_path}/none.db", "registry", NOW + timedelta(1), {Change.KEYS_CHANGED: [key]}
        )
