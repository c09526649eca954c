"""Handing a period of a log on from the command line, in the form that is asked for; the log says so first.

Of the portal and the registry the reader is the security officer, of a gateway its hospital.
"""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from getpass import getuser
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncEngine

from beeldpas.audit import export_nen7513
from beeldpas.audit.event import Actor, Event
from beeldpas.audit.events import Reader
from beeldpas.audit.export_dicom import audit_message, studies_of
from beeldpas.audit.export_fhir import audit_event
from beeldpas.audit.export_fields import Record
from beeldpas.audit.export_records import LONGEST_DAYS, records
from beeldpas.audit.leaf import Json
from beeldpas.audit.log import append, with_id
from beeldpas.database.engine import transaction
from beeldpas.domain.actions import Action
from beeldpas.domain.errors import Malformed
from beeldpas.domain.share import HERE


class Form(StrEnum):
    """In which form: FHIR AuditEvents or DICOM audit messages, one a line, or the table of NEN 7513."""

    FHIR = "fhir"
    DICOM = "dicom"
    NEN7513 = "nen7513"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: of the days from `since` up to and including `until`; of one patient (by the name in the log)."""

    form: Form
    since: date
    until: date
    patient: str | None = None

    @property
    def is_possible(self) -> bool:
        """Say whether the period is one of 1 to 366 days."""
        return 1 <= (self.until - self.since).days + 1 <= LONGEST_DAYS


async def hand_on(
    engine: AsyncEngine, source: str, reader: Reader, wanted: Wanted, now: datetime
) -> AsyncIterator[str]:
    """Give the lines, each with its end. The event of it is on disk before the first.

    Raises: Malformed("period") for a period that is none, or longer than a year; Unavailable("database").
    """
    if not wanted.is_possible:
        raise Malformed("period")
    async with transaction(engine) as connection:
        await append(connection, _event(source, wanted, now))
    since, until = _midnight(wanted.since), _midnight(wanted.until + timedelta(days=1))
    found = records(engine, reader, since, until, wanted.patient)
    if wanted.form is Form.NEN7513:
        async for line in export_nen7513.table(found):
            yield line
        return
    async for record in found:
        for line in _lines(wanted.form, record):
            yield line


async def note_taken(engine: AsyncEngine, source: str, form: str, event_id: str | None, now: datetime) -> None:
    """Note that a dump of the log, or the proof of one event, is taken away. Raises: Unavailable("database")."""
    async with transaction(engine) as connection:
        record = None if event_id is None else await with_id(connection, event_id)
        patient = None if record is None else record["patient"]
        event = _taken(source, str(patient) if patient else None, {"format": form}, now)
        await append(connection, event)


def _lines(form: Form, record: Record) -> list[str]:
    if form is Form.FHIR:
        return [json.dumps(audit_event(record), ensure_ascii=False) + "\n"]
    return [audit_message(record, study).decode() + "\n" for study in studies_of(record)]


def _event(source: str, wanted: Wanted, now: datetime) -> Event:
    details: dict[str, Json] = {"format": wanted.form.value, "since": str(wanted.since), "until": str(wanted.until)}
    return _taken(source, wanted.patient, details, now)


def _taken(source: str, patient: str | None, details: dict[str, Json], now: datetime) -> Event:
    return Event(
        event_id=str(uuid4()),
        at=now,
        kind=Action.EXPORT_LOG,
        outcome="done",
        actor=Actor(kind="administrator", subject=getuser()),
        source=source,
        patient=patient,
        purpose="HOPERAT",
        details=details,
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), HERE)
