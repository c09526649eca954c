"""A record past its term becomes empty, by the job and in no other way; its hash stays, and the run is an event."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from beeldpas.audit import log
from beeldpas.audit.erasure import Erasure
from beeldpas.audit.event import Actor, Event
from beeldpas.audit.events import Reader
from beeldpas.audit.term import term
from beeldpas.database.engine import transaction
from beeldpas.portal.store.tables import access_log

DEKKER = Actor("provider", "visit:1", "Dr. D. Dekker", "Kliniek De Linde")
NOW = datetime.now(UTC)  # the database's own clock decides what is old
EMPTIED = {"record": "", "salt": b"", "patient": None, "share_id": None}


async def written(engine: AsyncEngine, age: timedelta, patient: str = "p1.anna") -> str:
    event = Event(str(uuid4()), NOW - age, "view_share", "done", DEKKER, patient=patient, share_id="s1")
    async with transaction(engine) as connection:
        assert await log.append(connection, event)
    return event.event_id


async def row(engine: AsyncEngine, event_id: str):
    async with transaction(engine) as connection:
        return (await connection.execute(select(access_log).where(access_log.c.event_id == event_id))).one()


def years(count: float) -> timedelta:
    return timedelta(days=365.25 * count)


async def test_what_is_past_its_term_is_emptied_and_the_run_is_an_event(engine: AsyncEngine) -> None:
    old, young = await written(engine, years(6), "p1.old"), await written(engine, years(4), "p1.old")
    before = await row(engine, old)
    erasure = Erasure(engine, "portal", 5, lambda: NOW)
    assert await erasure.erase_due() == 1
    after = await row(engine, old)
    assert (after.record, after.salt, after.patient, after.share_id) == ("", b"", None, None)
    assert (after.at, after.kind, after.leaf_hash) == (before.at, before.kind, before.leaf_hash)
    assert (await row(engine, young)).record != ""
    assert await erasure.erase_due() == 0
    async with transaction(engine) as connection:
        runs = select(access_log.c.record).where(access_log.c.kind == "erase_log")
        (told,) = (await connection.execute(runs)).scalars().all()
        assert '"count":1' in told
        assert await log.with_id(connection, old) is None
        assert len(await log.of_patient(connection, Reader.PATIENT, ("p1.old",))) == 1


async def test_a_longer_term_keeps_it_longer(engine: AsyncEngine) -> None:
    kept = await written(engine, years(9))
    assert await Erasure(engine, "portal", 10, lambda: NOW).erase_due() == 0
    assert (await row(engine, kept)).record != ""


@pytest.mark.parametrize("years_kept", [0, 4, 21])
def test_no_other_term_can_be_set(engine: AsyncEngine, years_kept: int) -> None:
    with pytest.raises(ValueError, match="5 to 20"):
        Erasure(engine, "portal", years_kept, lambda: NOW)


@pytest.mark.parametrize(
    ("age", "changed"),
    [
        (4.9, EMPTIED),
        (6, {"record": ""}),
        (6, EMPTIED | {"record": "{}"}),
        (6, EMPTIED | {"leaf_hash": b""}),
        (6, EMPTIED | {"kind": "sign_in"}),
        (6, EMPTIED | {"at": NOW - timedelta(days=9999)}),
        (6, EMPTIED | {"event_id": "other"}),
        (6, {"patient": "p1.bram"}),
        (6, None),
    ],
)
async def test_the_database_lets_nothing_else_through(engine: AsyncEngine, age: float, changed: dict | None) -> None:
    event_id = await written(engine, years(age))
    before = await row(engine, event_id)
    this = access_log.c.event_id == event_id
    statement = delete(access_log).where(this) if changed is None else update(access_log).where(this).values(changed)
    with pytest.raises(DBAPIError, match="append-only"):
        async with transaction(engine) as connection:
            await connection.execute(statement)
    assert await row(engine, event_id) == before


def test_the_term_of_a_leap_day_ends_a_day_early() -> None:
    assert term(datetime(2028, 2, 29, 12, tzinfo=UTC), 5) == datetime(2023, 2, 28, 12, tzinfo=UTC)
