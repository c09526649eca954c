"""A session ends by itself, opens only with its cookie, and leaves nothing readable behind."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import MetaData, select, update
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


async def test_whatever_is_kept_after_a_rotation_is_sealed_with_the_new_key(
    sessions: Sessions, engine: AsyncEngine
) -> None:
    session = await sessions.begin(VALUES, NOW)
    rotated = Sessions(engine, TABLE, Seal([NEW, OLD]), "patient")
    found = await rotated.load(session.id, NOW)
    assert found
    await rotated.save(found)
    alone = await Sessions(engine, TABLE, Seal([NEW]), "patient").load(session.id, NOW)
    assert alone and alone.values == VALUES


async def test_what_was_sealed_for_one_visit_opens_in_no_other(sessions: Sessions, engine: AsyncEngine) -> None:
    annas, strangers = await sessions.begin(VALUES, NOW), await sessions.begin({}, NOW)
    async with transaction(engine) as connection:
        sealed = {row.id_hash: row.sealed for row in await connection.execute(select(TABLE))}
        hers = next(bytes_ for name, bytes_ in sealed.items() if name.startswith(annas.handle))
        await connection.execute(
            update(TABLE).where(TABLE.c.id_hash.startswith(strangers.handle)).values(sealed=hers)
        )
    assert await sessions.load(strangers.id, NOW) is None
    assert await sessions.load(annas.id, NOW)


async def test_the_bsn_is_gone_with_the_session(sessions: Sessions, engine: AsyncEngine) -> None:
    session = await sessions.begin(VALUES, NOW)
    await sessions.end(session)
    async with transaction(engine) as connection:
        assert (await connection.execute(select(TABLE))).all() == []


async def test_after_the_end_and_the_sweep_nothing_is_left(sessions: Sessions, engine: AsyncEngine) -> None:
    ended, forgotten = await sessions.begin(VALUES, NOW), await sessions.begin(VALUES, NOW)
    await sessions.end(ended)
    assert await sessions.load(ended.id, NOW) is None
    assert await sessions.sweep(NOW + IDLE) == 1
    assert await sessions.load(forgotten.id, NOW) is None


@pytest.mark.parametrize("cookie", [None, "", "x", "x" * 5000])
async def test_a_made_up_cookie_opens_nothing(sessions: Sessions, cookie: str | None) -> None:
    assert await sessions.load(cookie, NOW) is None


async def test_looking_keeps_nobody_signed_in(sessions: Sessions) -> None:
    session = await sessions.begin(VALUES, NOW)
    for minutes in range(1, 15):
        seen = await sessions.look(session.id, NOW + timedelta(minutes=minutes))
        assert seen and seen.ends_at() == NOW + IDLE
    assert await sessions.look(session.id, NOW + IDLE) is None
    assert await sessions.load(session.id, NOW + IDLE) is None


async def test_a_session_may_have_an_end_of_its_own(sessions: Sessions) -> None:
    midnight = NOW + timedelta(minutes=7)
    session = await sessions.begin(VALUES, NOW, until=midnight)
    assert session.last_moment() == session.ends_at() == midnight
    assert await sessions.load(session.id, midnight - timedelta(seconds=1))
    assert await sessions.load(session.id, midnight) is None
    assert await sessions.look(session.id, midnight) is None
    assert await sessions.sweep(midnight) == 1


async def test_two_hours_are_the_end_whatever_a_session_says_of_itself(sessions: Sessions) -> None:
    session = await sessions.begin(VALUES, NOW, until=NOW + timedelta(days=1))
    assert session.last_moment() == NOW + ABSOLUTE


async def test_what_was_sealed_stands_in_no_file_once_the_session_is_over(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path}/portal.db")
    async with transaction(engine) as connection:
        await connection.run_sync(METADATA.create_all)
    sessions = Sessions(engine, TABLE, Seal([OLD]), "patient")
    session = await sessions.begin(VALUES | {"draft": "x" * 20_000}, NOW)  # more than one page of the file
    async with transaction(engine) as connection:
        sealed = (await connection.execute(select(TABLE.c.sealed))).scalar_one()
    pieces = [sealed[at : at + 64] for at in range(0, len(sealed) - 64, 4096)]

    def left() -> int:
        files = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        return sum(piece in files for piece in pieces)

    assert left() == len(pieces)
    await sessions.end(session)
    await sessions.sweep(NOW)
    assert left() == 0
    await engine.dispose()
