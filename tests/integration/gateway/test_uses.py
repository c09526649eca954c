"""Uses are written down even when the database is away for a moment."""

from contextlib import asynccontextmanager

import pytest
from sqlalchemy import func, select
from tests.cast import NOW
from tests.hospital_images import HEAD_CT
from tests.hospital_index import Index

from beeldpas.audit.events import Use as UseKind
from beeldpas.database.engine import transaction
from beeldpas.domain.errors import Unavailable
from beeldpas.domain.grant import Receiver
from beeldpas.gateway import access_log, uses
from beeldpas.gateway.store import tables
from beeldpas.gateway.uses import Holder, Uses

HOLDER = Holder("https://portal.example", "grant-1", "r-1", Receiver("patient", "Anna", ""), "PATRQT", "own")


@pytest.fixture
def book(hospital: Index) -> Uses:
    return Uses(hospital.engine, "noord", "Ziekenhuis Noord", lambda: NOW)


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> dict[str, bool]:
    """A database that can be away."""
    state = {"away": False}

    @asynccontextmanager
    async def perhaps(engine):
        if state["away"]:
            raise Unavailable("database")
        async with transaction(engine) as connection:
            yield connection

    monkeypatch.setattr(uses, "transaction", perhaps)
    return state


async def rows(hospital: Index) -> list[tuple[str, str, int]]:
    async with transaction(hospital.engine) as connection:
        return [(row["phase"], row["outcome"], row["bytes"]) for row in await access_log.rows(connection)]


async def test_what_cannot_be_written_down_does_not_begin(hospital, book, database):
    database["away"] = True
    with pytest.raises(Unavailable):
        await book.begin(UseKind.DOWNLOAD, HOLDER, [HEAD_CT])
    assert await rows(hospital) == []


async def test_an_end_that_could_not_be_written_down_is_written_down_later(hospital, book, database):
    ending = await book.begin(UseKind.DOWNLOAD, HOLDER, [HEAD_CT])
    database["away"] = True
    await book.end(ending, "completed", 100)
    assert await rows(hospital) == [("started", "running", 0)]
    database["away"] = False
    await book.note([])
    assert await rows(hospital) == [("started", "running", 0), ("ended", "completed", 100)]
    await book.rest()


async def test_what_an_earlier_run_left_is_ended_with_what_was_noted(hospital, book):
    await book.begin(UseKind.RETRIEVE, HOLDER, [HEAD_CT])
    later = Uses(hospital.engine, "noord", "Ziekenhuis Noord", lambda: NOW)
    assert (await later.settle(), await later.settle()) == (1, 0)
    assert await rows(hospital) == [("ended", "cut", 0)]
    async with transaction(hospital.engine) as connection:
        assert (await connection.execute(select(func.count()).select_from(tables.outbox))).scalar_one() == 1


@pytest.mark.parametrize("statement", [tables.access_log.update().values(kind="x"), tables.access_log.delete()])
async def test_no_row_of_the_log_can_be_changed(hospital, book, statement):
    await book.begin(UseKind.DOWNLOAD, HOLDER, [HEAD_CT])
    with pytest.raises(Exception, match="append-only"):
        async with transaction(hospital.engine) as connection:
            await connection.execute(statement)
    assert len(await rows(hospital)) == 1
