"""The frame of every answer about a person: who asks is looked at, the answer found and recorded, in one transaction.

A refusal is a value until the record of it is committed: no record, no answer. *Source:* docs/wire.md §1; NEN 7513
(who asked what about whom, on what ground, with what outcome).
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.audit.events import Lookup
from beeldpas.audit.name_keys import note_keys
from beeldpas.database.engine import transaction
from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import BeeldpasError, Unavailable
from beeldpas.formats.question import Asked
from beeldpas.registry import asking, metrics
from beeldpas.registry.index import Index
from beeldpas.registry.questions import SOURCE, record
from beeldpas.registry.store.lookup import Audience
from beeldpas.registry.store.renaming import rename


class AboutSomebody(Protocol):
    """What is asked for; `bsn` is of whom."""

    @property
    def bsn(self) -> BSN: ...


class Counted(Protocol):
    """What was found; `total` is how much, on all pages."""

    @property
    def total(self) -> int: ...


Wanted = TypeVar("Wanted", bound=AboutSomebody)
Given = TypeVar("Given", bound=Counted)
Find = Callable[[AsyncConnection, Asked, Wanted, Sequence[str], Audience], Awaitable[Given | BeeldpasError]]


async def answered(
    index: Index,
    asked: Asked | BeeldpasError,
    wanted: Wanted | BeeldpasError,
    find: Find[Wanted, Given],
    now: datetime,
    kind: Lookup = Lookup.SEARCH,
) -> Given:
    """Return what `find` gives to who asks, once it is recorded. Raises: the refusal, recorded too."""
    hurry = await asking.hurry(index, asked)
    person = None if hurry or isinstance(wanted, BeeldpasError) else wanted.bsn
    names = await asking.names_of(index, asked, person)
    absence = names if isinstance(names, Unavailable) else None
    known = () if isinstance(names, Unavailable) else names
    async with transaction(index.engine) as connection:
        outcome = hurry or absence or await _found(connection, index, asked, wanted, known, find, now)
        found = outcome if isinstance(outcome, BeeldpasError) else outcome.total
        patient = known[0] if known else None
        await record(connection, index, asked=asked, patient=patient, outcome=found, now=now, kind=kind)
    metrics.questions.labels(outcome.reason if isinstance(outcome, BeeldpasError) else "answered").inc()
    if isinstance(outcome, BeeldpasError):
        raise outcome
    index.habits.keys_noted(known)
    return outcome


async def _found(
    connection: AsyncConnection,
    index: Index,
    asked: Asked | BeeldpasError,
    wanted: Wanted | BeeldpasError,
    names: Sequence[str],
    find: Find[Wanted, Given],
    now: datetime,
) -> Given | BeeldpasError:
    audience = await asking.use_up(connection, index, asked, now)
    if isinstance(asked, BeeldpasError):
        return asked
    if isinstance(audience, BeeldpasError):
        return audience
    if isinstance(wanted, BeeldpasError):
        return wanted
    if index.habits.are_new(names):
        await note_keys(connection, names, SOURCE, now)
    await rename(connection, names)
    return await find(connection, asked, wanted, names, audience)


def whose(asked: Asked) -> str:
    """Who may follow a sealed address: the same program, asking for the same person in the same role."""
    question = asked.question
    return "\n".join((asked.issuer, question.subject, question.asker, question.role))
