"""A hospital's gateway reports what it served; it comes into the patient's log under the gateway's own event ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from beeldpas.audit import log
from beeldpas.audit.event import Actor, Event
from beeldpas.audit.events import Use
from beeldpas.domain.actions import Action
from beeldpas.domain.errors import NotFound
from beeldpas.policy.decision import Decision
from beeldpas.portal.actions import resources
from beeldpas.portal.actions.asker import relation_in
from beeldpas.portal.actions.frame import NOT_FOUND, Deed, Refusal, perform
from beeldpas.portal.actions.gateway_asker import as_asker
from beeldpas.portal.directory import Hospital
from beeldpas.portal.house import House
from beeldpas.portal.store import grants
from beeldpas.portal.store.grants import StoredGrant


@dataclass(frozen=True, slots=True)
class UseReport:
    """One event of docs/wire.md §6, read but not believed yet."""

    event_id: str
    grant: str
    use: Use
    phase: str
    studies: tuple[str, ...]
    bytes: int
    outcome: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RecordedUses:
    """Which events are in the log now (also those that were before), and which never will be."""

    stored: tuple[str, ...]
    refused: tuple[str, ...]


async def record_use(house: House, hospital: Hospital, reports: Sequence[UseReport]) -> RecordedUses:
    """Store the events about grants for this hospital and refuse the others; twice is harmless."""
    stored: list[str] = []

    async def work(deed: Deed) -> Refusal | None:
        known = await grants.find_all(deed.connection, {report.grant for report in reports})
        permit: Decision | None = None
        for report in reports:
            grant = known.get(report.grant)
            if grant is None or not set(report.studies) <= grant.grant.studies:
                continue
            if deed.authorise(resources.grant(grant, deed.now)):
                continue
            if await _store(deed, hospital, grant, report):
                stored.append(report.event_id)
                permit = deed.decision
        deed.decision = permit or deed.decision
        refused = len(reports) - len(stored)
        deed.details = {"gateway": hospital.gateway_id, "stored": len(stored), "refused": refused}
        return None if permit else Refusal(NOT_FOUND)

    try:
        await perform(house, as_asker(hospital), Action.RECORD_USE, work)
    except NotFound:
        stored.clear()
    refused = tuple(report.event_id for report in reports if report.event_id not in stored)
    return RecordedUses(tuple(stored), refused)


async def _store(deed: Deed, hospital: Hospital, stored: StoredGrant, report: UseReport) -> bool:
    """Add the event; True too when the same gateway reported it before, False when the id is somebody else's."""
    event = _event(deed, hospital, stored, report)
    if await log.append(deed.connection, event):
        return True
    earlier = await log.with_id(deed.connection, report.event_id)
    return earlier is not None and earlier["source"] == hospital.gateway_id


def _event(deed: Deed, hospital: Hospital, stored: StoredGrant, report: UseReport) -> Event:
    grant, receiver = stored.grant, stored.grant.receiver
    return Event(
        event_id=report.event_id,
        at=report.at,
        kind=report.use,
        outcome=report.outcome,
        source=hospital.gateway_id,
        actor=Actor(
            kind="patient" if receiver.kind == "patient" else "provider",
            subject=stored.receiver_key,
            name=receiver.name,
            organisation=receiver.organisation,
            ura=receiver.ura,
            verified=receiver.kind != "self-declared",
        ),
        patient=stored.patient,
        on_behalf=relation_in(stored.receiver_key),
        purpose="PATRQT" if grant.basis == "own" else "TREAT",
        basis=grant.basis,
        share_id=stored.share_id,
        reference=stored.reference,
        details={
            "gateway": hospital.gateway_id,
            "hospital": hospital.name,
            "grant": grant.handle,
            "studies": list(report.studies),
            "bytes": report.bytes,
            "phase": report.phase,
            "received_at": deed.now.isoformat(),
        },
    )
