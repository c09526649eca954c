"""A session ends by itself, opens only with its cookie, and leaves nothing readable behind."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import MetaData, select
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.cast import ANNA, NOW

from beeldpas.database.engine import open_engine, transaction
from beeldpas.web.seal import Seal
from beeldpas.web.sessions import ABSOLUTE, IDLE, Sessions, session_table

METADATA = MetaData()
TABLE = session_table(METADATA)
OLD, NEW = b"o" * 32, b"n" * 32
VALUES = {"bsn": ANNA.bsn.reveal()}


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(database_url)
    async with transaction(engine) as connection:
        await connection.run_sync(METADATA.drop_all)
        await connection.run_sync(METADATA.create_all)
    yield engine
    await engine.dispose()


@pytest.fixture
def sessions(engine: AsyncEngine) -> Sessions:
    return Sessions(engine, TABLE, Seal([OLD]), "patient")


async def test_a_session_remembers_until_fifteen_idle_minutes(sessions: Sessions) -> None:
    session = await sessions.begin(VALUES, NOW)
    almost = NOW + IDLE - timedelta(seconds=1)
    found = await sessions.load(session.id, almost)
    assert found and found.values == VALUES
    assert await sessions.load(session.id, almost + IDLE) is None


async def test_a_session_ends_after_two_hours_however_busy(sessions: Sessions) -> None:
    session = await sessions.begin(VALUES, NOW)
    for minutes in range(10, 120, 10):
        assert await sessions.load(session.id, NOW + timedelta(minutes=minutes))
    assert await sessions.load(session.id, NOW + ABSOLUTE) is None


async def test_nothing_at_rest_tells_who_it_was(sessions: Sessions, engine: AsyncEngine) -> None:
    session = await sessions.begin(VALUES, NOW)
    async with transaction(engine) as connection:
        row = (await connection.execute(select(TABLE))).one()
    kept = repr(tuple(row))
    assert VALUES["bsn"] not in kept
    assert session.id not in kept
    assert session.id not in repr(session)


async def test_signing_in_again_gives_a_new_id_and_kills_the_old(sessions: Sessions) -> None:
    before = await sessions.begin({}, NOW)
    after = await sessions.begin(VALUES, NOW, instead_of=before)
    assert after.id != before.id
    assert await sessions.load(before.id, NOW) is None


async def test_a_patients_cookie_opens_no_other_door(sessions: Sessions, engine: AsyncEngine) -> None:
    session = await sessions.begin(VALUES, NOW)
    assert await Sessions(engine, TABLE, Seal([OLD]), "staff").load(session.id, NOW) is None


async def test_keys_rotate_without_signing_anyone_out(sessions: Sessions, engine: AsyncEngine) -> None:
    session = await sessions.begin(VALUES, NOW)
    rotated = Sessions(engine, TABLE, Seal([NEW, OLD]), "patient")
    assert await rotated.load(session.id, NOW)
    assert await Sessions(engine, TABLE, Seal([NEW]), "patient").load(session.id, NOW) is None


async def test_after_the_end_and_the_sweep_nothing_is_left(sessions: Sessions, engine: AsyncEngine) -> None:
    ended, forgotten = await sessions.begin(VALUES, NOW), await sessions.begin(VALUES, NOW)
    await sessions.end(ended)
    assert await sessions.load(ended.id, NOW) is None
    assert await sessions.sweep(NOW + IDLE) == 1
    assert await sessions.load(forgotten.id, NOW) is None


@pytest.mark.parametrize("cookie", [None, "", "x", "x" * 5000])
async def test_a_made_up_cookie_opens_nothing(sessions: Sessions, cookie: str | None) -> None:
    assert await sessions.load(cookie, NOW) is None
