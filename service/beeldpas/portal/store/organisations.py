"""Organisations that used the code and PIN of a share after the first one did, and what the patient said."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.database.once import insert_once
from beeldpas.portal.store.tables import share_organisation as table

WAITING = "waiting"
Answer = Literal["allowed", "refused"]


@dataclass(frozen=True, slots=True)
class WaitingOrganisation:
    """Waits for the patient's answer; the name is as it was declared, checked or not."""

    id: str
    name: str
    asked_at: datetime


async def ask(
    connection: AsyncConnection,
    request_id: str,
    share_id: str,
    organisation_key: str,
    name: str,
    now: datetime,
) -> None:
    """Let an organisation wait; asking again changes nothing."""
    values = {
        "request_id": request_id,
        "share_id": share_id,
        "organisation_key": organisation_key,
        "name": name,
        "asked_at": now,
        "answer": WAITING,
    }
    await insert_once(connection, table, values, ["share_id", "organisation_key"])


async def answer_for(connection: AsyncConnection, share_id: str, organisation_key: str) -> str | None:
    """Return waiting, allowed or refused; None when this organisation never asked."""
    found = await connection.execute(
        select(table.c.answer).where(table.c.share_id == share_id, table.c.organisation_key == organisation_key)
    )
    return found.scalar_one_or_none()


async def answer(connection: AsyncConnection, share_id: str, request_id: str, said: Answer) -> str | None:
    """Record the patient's answer to a request that waits; returns its organisation, None when none waits."""
    answered = await connection.execute(
        update(table)
        .where(table.c.request_id == request_id, table.c.share_id == share_id, table.c.answer == WAITING)
        .values(answer=said)
        .returning(table.c.name)
    )
    name: str | None = answered.scalar_one_or_none()
    return name


async def refuse_everywhere(connection: AsyncConnection, organisation_key: str) -> int:
    """Take back what patients allowed this organisation, for all their shares; returns how many."""
    allowed = update(table).where(table.c.organisation_key == organisation_key, table.c.answer == "allowed")
    return (await connection.execute(allowed.values(answer="refused"))).rowcount


async def waiting_for(
    connection: AsyncConnection, share_ids: Sequence[str]
) -> Mapping[str, tuple[WaitingOrganisation, ...]]:
    """Return who waits, per share, first come first."""
    statement = select(table).where(table.c.share_id.in_(share_ids), table.c.answer == WAITING)
    found: dict[str, list[WaitingOrganisation]] = defaultdict(list)
    for row in await connection.execute(statement.order_by(table.c.asked_at, table.c.request_id)):
        found[row.share_id].append(WaitingOrganisation(row.request_id, row.name, row.asked_at))
    return {share_id: tuple(requests) for share_id, requests in found.items()}
