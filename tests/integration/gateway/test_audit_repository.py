"""The hospital's audit repository gets every row of the log, once it can, in order; rsyslog is the judge."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4
from xml.etree.ElementTree import fromstring

import pytest
from sqlalchemy import func, select
from tests.audit_receivers import (
    HOST,
    Certificates,
    certificates,
    leaves_at_once,
    receiver,
    resets_after,
    rsyslog,
    takes_all,
)
from tests.audit_schema import faults
from tests.cast import ANNA, BRAM, CEES, NOW
from tests.conftest import NewDatabase
from tests.hospital import open_hospital, wait_until
from tests.hospital_images import HEAD_CT, ISSUER
from tests.hospital_index import Index
from tests.log_records import event_of

from beeldpas.audit.event import as_record
from beeldpas.audit.events import CATALOGUE, Reader
from beeldpas.audit.events import Use as UseKind
from beeldpas.audit.export_dicom import studies_of
from beeldpas.audit.log import append
from beeldpas.database.engine import migrate, open_engine, transaction
from beeldpas.domain.grant import Receiver
from beeldpas.gateway.app import MIGRATIONS
from beeldpas.gateway.audit_repository import AuditRepository
from beeldpas.gateway.settings import AuditRepositorySettings
from beeldpas.gateway.store.spool import audit_spool
from beeldpas.gateway.trail import spooling
from beeldpas.gateway.uses import Holder, Uses
from beeldpas.gateway.uses import event_of as use_event

MANY = 120  # more than one run


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(params=["sqlite"])
async def hospital(request: pytest.FixtureRequest, new_database: NewDatabase, tmp_path: Path) -> AsyncIterator[Index]:
    """A hospital without a server; on the other database too where a test asks for it."""
    url = new_database(request.param)
    await asyncio.to_thread(migrate, url, MIGRATIONS)
    engine = open_engine(url)
    yield Index(engine, tmp_path)
    await engine.dispose()


BOTH = pytest.mark.parametrize("hospital", ["sqlite", "postgresql"], indirect=True)


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def repository(hospital: Index, ca: Path, port: int, clock: Clock | None = None, alarm_at: int = 1000):
    settings = AuditRepositorySettings(host=HOST, port=port, ca_file=ca, alarm_at=alarm_at)
    return AuditRepository(hospital.engine, settings, clock or Clock())


async def serve(hospital: Index, count: int, outcome: str = "completed", studies: tuple[str, ...] = (HEAD_CT,)):
    """Write down so many uses, as a gateway with a repository does, but at once; return their grants."""
    grants = [f"grant-{number}" for number in range(count)]
    who = Receiver("verified", "Dr. D. Dekker", "Kliniek De Linde", "90000201")
    async with transaction(spooling(hospital.engine)) as connection:
        for grant in grants:
            holder = Holder("https://portal.example", grant, "900021219", who, "TREAT", "share")
            details = {"grant": grant, "studies": [*studies], "bytes": 1000, "phase": "ended"}
            event = use_event(
                holder, str(uuid4()), NOW, UseKind.RETRIEVE, outcome, details, "noord", address="198.51.100.7"
            )
            await append(connection, event)
    return grants


async def waiting(hospital: Index) -> int:
    async with transaction(hospital.engine) as connection:
        return (await connection.execute(select(func.count()).select_from(audit_spool))).scalar_one()


def grants_of(messages: list[bytes]) -> list[str]:
    """The grant of each message, in order."""
    bodies = [fromstring(message.partition(b"\xef\xbb\xbf")[2]) for message in messages]  # noqa: S314
    return [participant.get("UserID") for body in bodies for participant in body.findall("ActiveParticipant")[2:]]


async def test_rsyslog_takes_every_message_as_it_was_meant(hospital: Index, made: Certificates, tmp_path: Path):
    grants = [*await serve(hospital, 3), *await serve(hospital, 1, outcome="cut")]
    with rsyslog(tmp_path, made) as (port, received):
        assert await repository(hospital, made.ca, port).send_waiting() == 4
        await asyncio.to_thread(wait_until, lambda: received.exists() and received.read_text().count("\n") == 4, 60)
    rows = [line.split("|", 5) for line in received.read_text(encoding="utf-8").splitlines()]
    assert [row[0] for row in rows] == ["85", "85", "85", "84"]
    head = ["1", "2026-11-24T09:30:00.000000Z", "beeldpas-gateway", "DICOM+RFC3881"]
    assert [row[1:5] for row in rows] == [head] * 4
    bodies = [row[5].lstrip("\ufeff") for row in rows]
    assert [fault for body in bodies for fault in faults(fromstring(body))] == []  # noqa: S314
    assert grants_of([b"\xef\xbb\xbf" + body.encode() for body in bodies]) == grants
    assert await waiting(hospital) == 0


@BOTH
async def test_after_a_cut_in_the_middle_of_a_message_everything_comes_again_in_order(hospital, made):
    grants, clock = await serve(hospital, MANY), Clock()
    with receiver(made, resets_after(2500), leaves_at_once, takes_all) as there:
        sender = repository(hospital, made.ca, there.port, clock)
        assert await sender.send_waiting() == 0
        assert (await sender.send_waiting(), there.connections) == (0, 1)  # it waits first
        clock.now += timedelta(seconds=2)
        assert await sender.send_waiting() == 0
        assert await waiting(hospital) == MANY
        clock.now += timedelta(seconds=4)
        assert await sender.send_waiting() == MANY
        await asyncio.to_thread(wait_until, lambda: len(there.received) == there.connections)
        assert len(there.received) == 4  # two that failed, two runs
        assert grants_of(there.messages()[-MANY:]) == grants
    assert await waiting(hospital) == 0


async def test_nothing_is_sent_to_somebody_else(hospital, made, tmp_path):
    await serve(hospital, 1)
    other = certificates(tmp_path, "elsewhere.example")
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    with receiver(certificates(stranger), takes_all) as unknown, receiver(other, takes_all) as misnamed:
        assert await repository(hospital, made.ca, unknown.port).send_waiting() == 0
        assert await repository(hospital, other.ca, misnamed.port).send_waiting() == 0
        assert unknown.messages() == misnamed.messages() == []
    assert await waiting(hospital) == 1


async def test_what_waits_survives_a_restart_and_a_long_outage(hospital, made):
    grants, clock = await serve(hospital, 2), Clock()
    with receiver(made, takes_all) as gone:
        port = gone.port
    for _ in range(12):
        assert await repository(hospital, made.ca, port, clock).send_waiting() == 0
    sender = repository(hospital, made.ca, port, clock)
    for _ in range(12):
        await sender.send_waiting()
        clock.now += timedelta(minutes=5)  # it never waits longer
    with receiver(made, takes_all) as there:
        again = repository(hospital, made.ca, there.port, clock)
        assert await again.send_waiting() == 2
        await asyncio.to_thread(wait_until, lambda: len(there.received) == 1)
        assert grants_of(there.messages()) == grants


async def test_each_study_has_its_message_with_the_hospitals_own_number_and_no_citizen_service_number(hospital, made):
    await serve(hospital, 1, studies=(HEAD_CT, "1.2.3.4"))
    with receiver(made, takes_all) as there:
        assert await repository(hospital, made.ca, there.port).send_waiting() == 2
        await asyncio.to_thread(wait_until, lambda: len(there.received) == 1)
        first, second = there.messages()
        assert (HEAD_CT.encode() in first, b"1.2.3.4" in second) == (True, True)
        assert HEAD_CT.encode() not in second
        for person in (ANNA, BRAM, CEES):
            assert person.bsn.reveal().encode() not in first + second


async def test_a_full_spool_raises_an_alarm_and_drops_nothing(hospital, made, capfd):
    await serve(hospital, 3)
    assert await repository(hospital, made.ca, 9, alarm_at=4).watch() == 3
    assert "audit_spool_large" not in capfd.readouterr().out
    assert await repository(hospital, made.ca, 9, alarm_at=3).watch() == 3
    assert "audit_spool_large" in capfd.readouterr().out
    assert await waiting(hospital) == 3


async def test_a_gateway_without_a_repository_keeps_nothing_for_one(hospital):
    uses = Uses(hospital.engine, "noord", "Ziekenhuis Noord", lambda: NOW)
    holder = Holder("https://portal.example", "g", "s", Receiver("patient", "Anna", ""), "PATRQT", "own")
    await uses.end(await uses.begin(UseKind.DOWNLOAD, holder, (HEAD_CT,)), "completed", 1)
    assert await waiting(hospital) == 0


@BOTH
async def test_whoever_writes_into_the_log_writes_for_the_repository_too(hospital):
    """Not only what is served: what programs and administrators do, in the same transaction or not at all."""
    engine = spooling(hospital.engine)
    for number, kind in enumerate(kind for kind in CATALOGUE if CATALOGUE[kind].readable[Reader.HOSPITAL]):
        event = replace(event_of(kind), event_id=f"0b8f3a52-6f0e-4a55-9a6e-{number:012}")
        before = await waiting(hospital)
        async with transaction(engine) as connection:
            await append(connection, event)
            await append(connection, event)  # twice is once
        assert await waiting(hospital) == before + len(studies_of(as_record(event)))
        with suppress(KeyError):
            async with transaction(engine) as connection:
                await append(connection, replace(event, event_id="undone"))
                raise KeyError
        assert await waiting(hospital) == before + len(studies_of(as_record(event)))


def test_a_gateway_that_serves_tells_its_repository_of_a_download(made, tmp_path):
    with receiver(made, takes_all) as there:
        wanted = {"host": HOST, "port": there.port, "ca_file": made.ca}
        with open_hospital(tmp_path, audit_repository=wanted) as noord:
            path, lease = noord.lease([HEAD_CT])
            assert noord.client.get(path, headers=lease).status_code == 200
            wait_until(lambda: len(there.messages()) >= 3, 60)
        bodies = [fromstring(message.partition(b"\xef\xbb\xbf")[2]) for message in there.messages()]  # noqa: S314
    kinds = [[one.get("csd-code") for one in body.iter("EventTypeCode")][-1] for body in bodies]
    assert kinds == ["exchange_code", "download", "download"]
    objects = [one.get("ParticipantObjectID") for one in bodies[2].iter("ParticipantObjectIdentification")]
    assert objects[0] == HEAD_CT
    assert objects[1].endswith("^^^" + ISSUER)
