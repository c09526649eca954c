"""Rows of the access log are added and never changed: not by the program, not by anybody with SQL."""

import contextlib
import json
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.cast import NOW
from tests.sharing_town import Town

from beeldpas.audit import log
from beeldpas.audit.event import Actor, Event
from beeldpas.audit.events import Reader
from beeldpas.audit.leaf import commitment, leaf_hash
from beeldpas.database.engine import transaction
from beeldpas.portal.store.tables import access_log

DEKKER = Actor("provider", "visit:1", "Dr. D. Dekker", "Kliniek De Linde")


def event(**changes) -> Event:
    plain = Event(
        str(uuid4()), NOW, "view_share", "done", DEKKER, patient="p1.anna", share_id="s1", reference="K7P-4QX-92M"
    )
    return replace(plain, **changes)


async def test_a_row_holds_what_its_hash_says(engine: AsyncEngine) -> None:
    added = event()
    async with transaction(engine) as connection:
        assert await log.append(connection, added)
    rows = await Town.build(engine).rows(access_log, access_log.c.event_id == added.event_id)
    (row,) = rows
    assert leaf_hash(commitment(row.salt, row.record)) == row.leaf_hash
    record = json.loads(row.record)
    assert (record["event_id"], record["kind"], record["at"]) == (
        added.event_id,
        "view_share",
        "2026-11-24T09:30:00.000000+00:00",
    )
    assert (row.at, row.kind, row.patient, row.share_id, row.source) == (NOW, "view_share", "p1.anna", "s1", "portal")


async def test_every_row_has_its_own_salt(engine: AsyncEngine) -> None:
    async with transaction(engine) as connection:
        for _ in range(20):
            await log.append(connection, event(patient="p1.salted"))
    rows = await Town.build(engine).rows(access_log, access_log.c.patient == "p1.salted")
    assert len({row.salt for row in rows}) == len({row.leaf_hash for row in rows}) == 20


async def test_an_event_is_stored_once_and_the_first_stays(engine: AsyncEngine) -> None:
    first = event(outcome="done")
    async with transaction(engine) as connection:
        assert await log.append(connection, first)
        assert not await log.append(connection, replace(first, outcome="refused"))
        stored = await log.with_id(connection, first.event_id)
    assert stored and stored["outcome"] == "done"


async def test_what_the_catalogue_does_not_know_is_not_stored(engine: AsyncEngine) -> None:
    for unknown in (event(kind="fly"), event(details={"pin": "123456"})):
        async with transaction(engine) as connection:
            with pytest.raises(ValueError, match="catalogue"):
                await log.append(connection, unknown)


async def test_a_row_that_is_rolled_back_was_never_there(engine: AsyncEngine) -> None:
    undone = event()
    with pytest.raises(RuntimeError):
        async with transaction(engine) as connection:
            await log.append(connection, undone)
            raise RuntimeError
    assert await Town.build(engine).rows(access_log, access_log.c.event_id == undone.event_id) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE access_log SET record = '{}'",
        "UPDATE access_log SET patient = NULL WHERE event_id = :id",
        "DELETE FROM access_log",
        "DELETE FROM access_log WHERE event_id = :id",
        "TRUNCATE access_log",
        "DROP TRIGGER access_log_no_change",
    ],
)
async def test_no_statement_changes_or_removes_a_row(engine: AsyncEngine, statement: str) -> None:
    added = event()
    async with transaction(engine) as connection:
        await log.append(connection, added)
    with pytest.raises(DBAPIError):
        async with engine.begin() as connection:
            await connection.execute(text(statement), {"id": added.event_id} if ":id" in statement else {})
    assert len(await Town.build(engine).rows(access_log, access_log.c.event_id == added.event_id)) == 1


async def test_a_row_cannot_be_put_in_the_place_of_another(engine: AsyncEngine) -> None:
    added = event()
    async with transaction(engine) as connection:
        await log.append(connection, added)
    row = (await Town.build(engine).rows(access_log, access_log.c.event_id == added.event_id))[0]
    forged = insert(access_log).values(row._asdict() | {"kind": "sign_in"})
    for statement in (forged, forged.prefix_with("OR REPLACE")):
        with contextlib.suppress(DBAPIError):
            async with engine.begin() as connection:
                await connection.execute(statement)
    assert (await Town.build(engine).rows(access_log, access_log.c.event_id == added.event_id))[0] == row


async def test_readers_get_their_fields_newest_first(engine: AsyncEngine) -> None:
    earlier = event(at=NOW.replace(hour=8), patient="p1.bram", share_id="s9")
    later = event(kind="download", details={"studies": ["1.2.3"], "phase": "ended"}, patient="p1.bram", share_id="s9")
    hidden = event(kind="view_timeline", patient="p1.bram", share_id="s9")
    async with transaction(engine) as connection:
        for one in (earlier, later, hidden):
            await log.append(connection, one)
        mine = await log.of_patient(connection, Reader.PATIENT, ["p1.bram"])
        helpdesk = await log.of_shares(connection, Reader.HELPDESK, ("s9",))
    assert [row["event_id"] for row in mine] == [hidden.event_id, later.event_id, earlier.event_id]
    assert [(row["event_id"], "studies" in row) for row in helpdesk] == [
        (later.event_id, False),
        (earlier.event_id, False),
    ]
