"""The frame in which every verb runs: authorise → do → record, in one transaction, fail closed.

The work gets a deed: it asks the policies through it, and says through it what the log must know. A refusal is a
value: the frame records it and commits, and only then raises it to the door, so that nothing that a refusal spent
is ever given back by a rollback. What did not ask the policies, or cannot be recorded, did not happen.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.audit import log
from beeldpas.audit.event import Event
from beeldpas.audit.leaf import Json
from beeldpas.database.engine import transaction
from beeldpas.domain.actions import Action
from beeldpas.domain.errors import BeeldpasError, Conflict, NotFound, Refused
from beeldpas.policy.decision import Decision, Part, Question
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.house import House
from beeldpas.portal.store.shares import StoredShare

Result = TypeVar("Result")
DONE, REFUSED = "done", "refused"
NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not, as a key of the catalogue of states; `conflict` when the state moved on meanwhile."""

    reason: str
    detail: dict[str, str | int] = field(default_factory=dict)
    conflict: bool = False

    def as_error(self) -> BeeldpasError:
        """Return what the door gets to see."""
        if self.conflict:
            return Conflict(self.reason, self.detail)
        return NotFound() if self.reason == NOT_FOUND else Refused(self.reason, self.detail)


@dataclass(slots=True)
class Deed:
    """One verb being carried out: by whom, when, on which connection, and what the log will say of it."""

    house: House
    asker: Asker
    action: Action
    connection: AsyncConnection
    now: datetime
    decision: Decision | None = None
    patient: str | None = None
    share_id: str | None = None
    reference: str | None = None
    basis: str = ""
    details: dict[str, Json] = field(default_factory=dict)

    def authorise(self, resource: Part, **context: str | int | bool | list[str]) -> Refusal | None:
        """Ask the policies; None is a yes. What nothing permits does not exist for this asker."""
        question = Question(self.asker.as_subject(), self.action, resource, context)
        self.decision = self.house.policies.decide(question)
        return None if self.decision.allowed else Refusal(self.decision.refusal or NOT_FOUND)

    def about_patient(self, patient: str, basis: str) -> None:
        """Say whom it is about and on what ground (`own` or `share`)."""
        self.patient, self.basis = patient, basis

    def about_share(self, share: StoredShare) -> None:
        """Say which share it is about, and so whose."""
        self.about_patient(share.patient, "share")
        self.share_id, self.reference = share.share_id, share.reference


Work = Callable[[Deed], Awaitable[Result | Refusal]]


async def perform(house: House, asker: Asker, action: Action, work: Work[Result]) -> Result:
    """Carry out one verb.

    Raises: what a refusal stands for, after it was recorded; Unavailable("database") with nothing done.
    """
    async with transaction(house.engine) as connection:
        deed = Deed(house, asker, action, connection, house.clock())
        outcome = await work(deed)
        permitted = deed.decision is not None and deed.decision.allowed
        if not permitted and not isinstance(outcome, Refusal):
            raise RuntimeError(f"{action} was carried out without a permit")
        await _record(deed, outcome.reason if isinstance(outcome, Refusal) else "")
    if isinstance(outcome, Refusal):
        raise outcome.as_error()
    return outcome


async def require(house: House, asker: Asker, action: Action, resource: Part, **context: str | int) -> None:
    """Ask the policies before work that cannot wait inside a transaction (asking registries and hospitals).

    A refusal is recorded and raised; a yes is recorded by the `perform` that must follow, before anything is shown.
    """
    question = Question(asker.as_subject(), action, resource, context)
    if house.policies.decide(question).allowed:
        return

    async def refuse(deed: Deed) -> Refusal | None:
        return deed.authorise(resource, **context)

    await perform(house, asker, action, refuse)


async def record_also(deed: Deed, action: Action, share: StoredShare, details: dict[str, Json]) -> None:
    """Record what a deed about many brought about for one share, so that its patient reads it too."""
    one = replace(deed, action=action, details=details)
    one.about_share(share)
    await _record(one, "")


async def _record(deed: Deed, reason: str) -> None:
    event = Event(
        event_id=str(uuid4()),
        at=deed.now,
        kind=deed.action,
        outcome=REFUSED if reason else DONE,
        reason=reason,
        policy=deed.decision.policy if deed.decision else "",
        actor=deed.asker.as_actor(),
        patient=deed.patient,
        on_behalf=deed.asker.relation,
        purpose=purpose_of(deed.asker),
        basis=deed.basis,
        share_id=deed.share_id,
        reference=deed.reference,
        details=deed.details,
    )
    if not await log.append(deed.connection, event):
        raise RuntimeError("an event id came twice")


def purpose_of(asker: Asker) -> str:
    """Return why this asker is here: patient request, treatment, or the service's own operations (HL7 v3 codes)."""
    return {"patient": "PATRQT", "provider": "TREAT"}.get(asker.kind, "HOPERAT")
