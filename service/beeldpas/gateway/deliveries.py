"""What reached whom: every answer with images, whole or cut, and which state of the index it was made from.

Kept beside the access log, which says that something was fetched; this says which images, so that somebody who got
one that is rejected later can be told.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.gateway.store.changes import delivery, delivery_study

if TYPE_CHECKING:
    from beeldpas.gateway.uses import Use


@dataclass(frozen=True, slots=True)
class Seen:
    """What an answer is made from: a generation of the index (None: that of its beginning) and images of it.

    `instances` empty: all that its studies have. `to_the_end`: its last byte is the last of the whole.
    """

    generation: int | None = None
    instances: tuple[str, ...] = ()
    to_the_end: bool = True


async def keep(connection: AsyncConnection, use: "Use", now: datetime) -> None:
    """Write down what a use that ended gave; nothing when no byte left."""
    if not use.bytes:
        return
    receiver, seen = use.holder.receiver, use.seen
    row = {
        "event_id": use.event_id,
        "issuer": use.holder.issuer,
        "grant_handle": use.holder.grant,
        "subject": use.holder.subject,
        "receiver_kind": receiver.kind,
        "receiver_name": receiver.name,
        "organisation": receiver.organisation,
        "ura": receiver.ura,
        "kind": use.kind,
        "outcome": use.outcome,
        "to_the_end": seen.to_the_end,
        "generation": seen.generation or 0,
        "at": now,
    }
    await connection.execute(insert(delivery).values(row))
    instances = json.dumps(seen.instances) if seen.instances else ""
    rows = [{"event_id": use.event_id, "study_uid": uid, "instances": instances} for uid in use.studies]
    if rows:
        await connection.execute(insert(delivery_study), rows)


async def earlier_generation(connection: AsyncConnection, issuer: str, grant: str) -> int | None:
    """Return the generation of the last download of this grant that came to its end; None before the first."""
    last = (
        select(func.max(delivery.c.generation))
        .where(delivery.c.issuer == issuer, delivery.c.grant_handle == grant)
        .where(delivery.c.kind == "download", delivery.c.outcome == "completed", delivery.c.to_the_end)
    )
    found: int | None = (await connection.execute(last)).scalar_one()
    return found


def whole_study(instances: str) -> bool:
    """Say whether a delivery's list of images stands for all of the study."""
    return not instances


def listed(instances: str) -> Sequence[str]:
    """Read a delivery's list of images."""
    return [str(uid) for uid in json.loads(instances or "[]")]
