"""The record of every question: who asked, for whom, why, on what ground and how it went; never the BSN.

The person is named by pseudonym, so that the log can answer "who looked me up". *Source:* NEN 7513 §6; the rows and
their hashes are those of `audit/`.
"""

from datetime import datetime
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.audit.event import Actor, Event
from beeldpas.audit.events import Lookup
from beeldpas.audit.log import append
from beeldpas.domain.errors import BeeldpasError
from beeldpas.formats.question import Asked
from beeldpas.registry.index import Index

SOURCE = "registry"


async def record(
    connection: AsyncConnection,
    index: Index,
    *,
    asked: Asked | BeeldpasError,
    patient: str | None,
    outcome: int | BeeldpasError,
    now: datetime,
    kind: Lookup = Lookup.SEARCH,
) -> None:
    """Add one row to the access log, on the connection that gives the answer: no record, no answer."""
    refusal = outcome.reason if isinstance(outcome, BeeldpasError) else ""
    found = 0 if isinstance(outcome, BeeldpasError) else outcome
    if isinstance(asked, BeeldpasError):
        await append(connection, _unknown(kind, refusal, now))
        return
    event = Event(
        event_id=str(uuid4()),
        at=now,
        kind=kind,
        outcome="refused" if refusal else "done",
        reason=refusal,
        actor=_actor(asked),
        source=SOURCE,
        patient=patient,
        purpose=asked.question.purpose,
        basis=asked.question.basis,
        details={"asker": asked.issuer, "found": found},
    )
    await append(connection, event)


def _unknown(kind: Lookup, refusal: str, now: datetime) -> Event:
    """A question by nobody that we know: nothing in it is believed, so nothing of it is kept."""
    return Event(
        event_id=str(uuid4()),
        at=now,
        kind=kind,
        outcome="refused",
        reason=refusal,
        actor=Actor(kind="unknown", subject=""),
        source=SOURCE,
    )


def _actor(asked: Asked) -> Actor:
    question = asked.question
    return Actor(
        kind=question.asker,
        subject=question.subject,
        organisation=question.organisation,
        verified=True,
        roles=(question.role,),
    )
