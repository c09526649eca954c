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
from beeldpas.audit.log import append
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


def _lines(form: Form, record: Record) -> list[str]:
    if form is Form.FHIR:
        return [json.dumps(audit_event(record), ensure_ascii=False) + "\n"]
    return [audit_message(record, study).decode() + "\n" for study in studies_of(record)]


def _event(source: str, wanted: Wanted, now: datetime) -> Event:
    return Event(
        event_id=str(uuid4()),
        at=now,
        kind=Action.EXPORT_LOG,
        outcome="done",
        actor=Actor(kind="administrator", subject=getuser()),
        source=source,
        patient=wanted.patient,
        purpose="HOPERAT",
        details={"format": wanted.form.value, "since": str(wanted.since), "until": str(wanted.until)},
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), HERE)
