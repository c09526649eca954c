"""Who must be told: everybody who got something that was taken back afterwards.

Events are kept, one for each delivery and reason; sending them is another program's work. They name the grant and
the receiver, never the patient. *Source:* docs/operations.md (their form).
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from math import inf
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.database.once import insert_once
from beeldpas.gateway.changes import KEPT_BACK, WITHHELD
from beeldpas.gateway.deliveries import listed
from beeldpas.gateway.quarantine import parts
from beeldpas.gateway.store.changes import delivery, delivery_study, recall, recall_state
from beeldpas.gateway.store.tables import index_state, instance
from beeldpas.gateway.withdrawals import Withdrawal, withdrawals

_NOT_WRONG = (WITHHELD, KEPT_BACK)
_ONCE = ["delivery_id", "study_uid", "reason", "code", "generation"]


async def catch_up(connection: AsyncConnection, now: datetime) -> tuple[Withdrawal, ...]:
    """Compare what was taken back since the last time with what was delivered before; return what it was."""
    earlier = await _compared_to(connection)
    later = (await connection.execute(select(func.max(index_state.c.generation)))).scalar_one() or 0
    found = await withdrawals(connection, earlier, later)
    await compare(connection, found, now)
    if later > earlier:
        await connection.execute(update(recall_state).values(generation=later))
    return tuple(found)


async def compare(connection: AsyncConnection, found: Iterable[Withdrawal], now: datetime) -> None:
    """Keep an event for each delivery before a withdrawal that holds something of it; twice is once."""
    for one in found:
        if one.reason in _NOT_WRONG:
            continue  # in doubt for now, and a move is told when it is one; or not wrong at all
        before = _delivered(one.study_uid).where(delivery.c.generation < one.generation)
        await _keep(connection, one, (await connection.execute(before)).all(), now)


async def after_delivery(connection: AsyncConnection, event_id: str, now: datetime) -> None:
    """Do the same for one delivery that has just ended: something may have been taken back meanwhile."""
    rows = (await connection.execute(_delivered().where(delivery.c.event_id == event_id))).all()
    later = (await connection.execute(select(func.max(index_state.c.generation)))).scalar_one() or 0
    if not rows or rows[0].generation >= later:
        return
    studies = {row.study_uid: row for row in rows}
    for one in await withdrawals(connection, rows[0].generation, later, list(studies)):
        if one.reason not in _NOT_WRONG:
            await _keep(connection, one, [studies[one.study_uid]], now)


async def listing(connection: AsyncConnection) -> list[dict[str, Any]]:
    """Return every event, oldest first, in the form that docs/operations.md describes."""
    got = (delivery.c.at.label("got_at"), delivery.c.generation.label("got_generation"))
    whose = (delivery.c.issuer, delivery.c.grant_handle, delivery.c.subject, delivery.c.kind, delivery.c.outcome)
    who = (delivery.c.receiver_kind, delivery.c.receiver_name, delivery.c.organisation, delivery.c.ura)
    rows = await connection.execute(
        select(recall, *got, *whose, *who)
        .join(delivery, delivery.c.event_id == recall.c.delivery_id)
        .order_by(recall.c.at, recall.c.event_id)
    )
    return [_told(row) for row in rows]


async def count(connection: AsyncConnection) -> int:
    """Return how many events there are (for metrics)."""
    return int((await connection.execute(select(func.count()).select_from(recall))).scalar_one())


async def _compared_to(connection: AsyncConnection) -> int:
    await insert_once(connection, recall_state, {"id": 1, "generation": 0}, ["id"])
    return int((await connection.execute(select(recall_state.c.generation))).scalar_one())


def _delivered(study_uid: str | None = None) -> Select[Any]:
    wanted = select(
        delivery.c.event_id, delivery.c.generation, delivery_study.c.study_uid, delivery_study.c.instances
    )
    joined = wanted.join(delivery_study, delivery_study.c.event_id == delivery.c.event_id)
    return joined if study_uid is None else joined.where(delivery_study.c.study_uid == study_uid)


async def _keep(connection: AsyncConnection, one: Withdrawal, rows: Iterable[Row[Any]], now: datetime) -> None:
    spans = await _spans(connection, one.instances)
    for row in rows:
        got = {uid for uid, lived in spans.items() if any(born <= row.generation < gone for born, gone in lived)}
        if row.instances:
            got &= set(listed(row.instances))
        if not (got or not one.instances):
            continue
        values = {
            "event_id": str(uuid4()),
            "delivery_id": row.event_id,
            "study_uid": one.study_uid,
            "reason": one.reason,
            "code": one.code,
            "instances": json.dumps(sorted(got)),
            "generation": one.generation,
            "at": now,
        }
        await insert_once(connection, recall, values, _ONCE)


async def _spans(connection: AsyncConnection, sop_uids: Sequence[str]) -> dict[str, list[tuple[int, float]]]:
    """Return from which generation to which each of these instances was served."""
    found = defaultdict[str, list[tuple[int, float]]](list)
    lived = select(instance.c.sop_uid, instance.c.born, instance.c.gone)
    for part in parts(sop_uids):
        for row in await connection.execute(lived.where(instance.c.sop_uid.in_(part))):
            found[row.sop_uid].append((row.born, inf if row.gone is None else row.gone))
    return found


def _told(row: Row[Any]) -> dict[str, Any]:
    receiver = {"kind": row.receiver_kind, "name": row.receiver_name, "organisation": row.organisation}
    return {
        "event_id": row.event_id,
        "at": row.at.isoformat(),
        "reason": row.reason,
        "code": row.code,
        "study_uid": row.study_uid,
        "instances": json.loads(row.instances),
        "generation": row.generation,
        "issuer": row.issuer,
        "grant": row.grant_handle,
        "subject": row.subject,
        "receiver": receiver | ({"ura": row.ura} if row.ura else {}),
        "delivery": {
            "event_id": row.delivery_id,
            "kind": row.kind,
            "outcome": row.outcome,
            "at": row.got_at.isoformat(),
            "generation": row.got_generation,
        },
    }
