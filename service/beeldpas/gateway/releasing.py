"""Setting and lifting the rules by which this hospital keeps a study or its reports back.

Each change begins a generation of the index, cuts what of the study is under way, and stands in the access log with
who did it, all in one transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from getpass import getuser
from uuid import uuid4

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.audit.event import Actor, Event
from beeldpas.audit.events import Administration, Upkeep
from beeldpas.audit.leaf import Json
from beeldpas.audit.log import append
from beeldpas.domain.errors import Malformed, NotFound
from beeldpas.domain.uid import is_uid
from beeldpas.gateway import changes
from beeldpas.gateway.generations import next_generation
from beeldpas.gateway.release import EMBARGOES, Rule, in_force
from beeldpas.gateway.store.release import release_rule as table


@dataclass(frozen=True, slots=True)
class Kept:
    """One rule in force: what is kept back of which study, an embargo until which day."""

    study_uid: str
    rule: Rule
    until: date | None = None


async def keep_back(connection: AsyncConnection, kept: Kept, source: str, now: datetime, by: str = "") -> None:
    """Set a rule, in place of the one of its sort; the study need not be here yet. `by`: the program that does it.

    Raises: Malformed("uid"); Malformed("embargo_day") for an embargo without a day, or a day without an embargo.
    """
    if not is_uid(kept.study_uid):
        raise Malformed("uid")
    if (kept.until is None) == (kept.rule in EMBARGOES):
        raise Malformed("embargo_day")
    generation = await next_generation(connection)
    await _end(connection, kept.study_uid, EMBARGOES if kept.rule in EMBARGOES else (kept.rule,), generation)
    row = {"study_uid": kept.study_uid, "kind": kept.rule, "until": kept.until, "born": generation}
    await connection.execute(insert(table).values(row))
    await changes.note(connection, generation, changes.KEPT_BACK, [kept.study_uid])
    event = _event(Administration.KEEP_BACK, kept.study_uid, (kept.rule,), source, now, kept.until)
    await append(connection, replace(event, actor=Actor(kind="program", subject=by)) if by else event)


async def lift(connection: AsyncConnection, study_uid: str, source: str, now: datetime) -> None:
    """Take away every rule of a study. Raises: NotFound("no_rule") when there is none."""
    generation = await next_generation(connection)
    lifted = await _end(connection, study_uid, tuple(Rule), generation)
    if not lifted:
        raise NotFound("no_rule")
    await append(connection, _event(Administration.LIFT_RULES, study_uid, lifted, source, now))


async def listing(connection: AsyncConnection) -> tuple[Kept, ...]:
    """Return every rule in force, by study."""
    rows = await connection.execute(
        select(table.c.study_uid, table.c.kind, table.c.until)
        .where(in_force())
        .order_by(table.c.study_uid, table.c.kind)
    )
    return tuple(Kept(row.study_uid, Rule(row.kind), row.until) for row in rows)


async def rules_of(connection: AsyncConnection, studies: Sequence[str]) -> dict[str, list[Kept]]:
    """Return the rules in force of these studies."""
    found: dict[str, list[Kept]] = {uid: [] for uid in studies}
    rows = await connection.execute(
        select(table.c.study_uid, table.c.kind, table.c.until).where(in_force(), table.c.study_uid.in_(studies))
    )
    for row in rows:
        found[row.study_uid].append(Kept(row.study_uid, Rule(row.kind), row.until))
    return found


def doubted(study_uid: str, details: Mapping[str, Json], by: str, source: str, now: datetime) -> Event:
    """Return what the log has of a doubt: which others say otherwise, and of what."""
    return Event(
        event_id=str(uuid4()),
        at=now,
        kind=Upkeep.IDENTITY_DOUBTED,
        outcome="done",
        actor=Actor(kind="program", subject=by),
        source=source,
        purpose="HOPERAT",
        details={"studies": [study_uid], "hospital": source, **details},
    )


async def _end(
    connection: AsyncConnection, study_uid: str, rules: Sequence[Rule], generation: int
) -> tuple[Rule, ...]:
    ending = update(table).where(table.c.study_uid == study_uid, table.c.kind.in_(rules), in_force())
    ended = await connection.execute(ending.values(gone=generation).returning(table.c.kind))
    return tuple(sorted(Rule(kind) for kind in ended.scalars()))


def _event(
    what: Administration, study_uid: str, rules: Sequence[Rule], source: str, now: datetime, until: date | None = None
) -> Event:
    details: dict[str, Json] = {"studies": [study_uid], "rules": [*map(str, rules)]}
    if until:
        details["until"] = until.isoformat()
    return Event(
        event_id=str(uuid4()),
        at=now,
        kind=what,
        outcome="done",
        actor=Actor(kind="administrator", subject=getuser()),
        source=source,
        purpose="HOPERAT",
        details=details,
    )
