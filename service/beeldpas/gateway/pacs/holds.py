"""Holds: who wants which study kept here and until when; and what of it can be served already.

A study is *served from the index* when its files lie in the store, and, if they came from the PACS, came whole.
Until then it is as the PACS lists it, and a fetch under way changes nothing of that.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, func, insert, not_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.database.once import insert_once
from beeldpas.gateway.pacs import catalogue
from beeldpas.gateway.pacs.whole import is_whole
from beeldpas.gateway.release import Onlooker, is_released, may_leave
from beeldpas.gateway.store.staging import hold, staged_study
from beeldpas.gateway.store.tables import instance, study


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a study is: held, queued, fetching, failed or missing; `instances` None when nobody knows."""

    uid: str
    state: str
    instances: int | None
    fetched: int


async def put(
    connection: AsyncConnection,
    name: tuple[str, str],
    uids: Sequence[str],
    until: datetime,
    now: datetime,
    onlooker: Onlooker,
) -> list[Progress]:
    """Set the hold with this name (issuer and id), in place of what it was; one that lies in the past lets go.

    Return how far each study is.
    """
    issuer, hold_id = name
    mine = (hold.c.issuer == issuer, hold.c.id == hold_id)
    before = set((await connection.execute(select(hold.c.study_uid).where(*mine))).scalars())
    await connection.execute(delete(hold).where(*mine))
    listed = {one.uid: one for one, _, _ in await catalogue.shown(connection, uids, onlooker)}
    if until > now and listed:
        rows = [{"issuer": issuer, "id": hold_id, "study_uid": uid, "until": until} for uid in listed]
        await connection.execute(insert(hold), rows)
        whole = await _whole(connection, list(listed))
        for uid in listed.keys() - whole:
            await _queue(connection, uid, listed[uid].instances, now, again=uid not in before)
    return await progress(connection, uids, onlooker)


async def _queue(connection: AsyncConnection, uid: str, announced: int | None, now: datetime, *, again: bool) -> None:
    """Have a study fetched. One that failed is tried again for a new hold, or when it has rested."""
    row = {
        "uid": uid,
        "state": "queued",
        "reason": "",
        "announced": announced,
        "fetched": 0,
        "attempts": 0,
        "next_at": now,
        "whole_at": None,
    }
    if await insert_once(connection, staged_study, row, ["uid"]):
        return
    table = staged_study.c
    rested = [] if again else [table.next_at <= now]
    await connection.execute(
        update(staged_study)
        .where(table.uid == uid, table.state == "failed", *rested)
        .values(state="queued", reason="", attempts=0, next_at=now, announced=announced)
    )


async def progress(connection: AsyncConnection, uids: Sequence[str], onlooker: Onlooker) -> list[Progress]:
    """Return how far each study is, in the order that was asked."""
    held = await _served(connection, await _whole(connection, uids), onlooker)
    listed = {one.uid: one.instances for one, _, _ in await catalogue.shown(connection, uids, onlooker)}
    rows = await connection.execute(select(staged_study).where(staged_study.c.uid.in_(uids)))
    staged = {row.uid: row for row in rows}
    return [_progress(uid, held, listed, staged.get(uid)) for uid in uids]


def _progress(
    uid: str, held: Mapping[str, int | None], listed: Mapping[str, int | None], staged: Row[Any] | None
) -> Progress:
    if uid in held:
        count = held[uid]
        return Progress(uid, "missing" if count is None else "held", count, count or 0)
    if uid not in listed:
        return Progress(uid, "missing", None, 0)
    state = staged.state if staged and staged.state in ("fetching", "failed") else "queued"
    return Progress(uid, state, listed[uid], staged.fetched if staged else 0)


async def unfinished(connection: AsyncConnection, uids: Sequence[str], onlooker: Onlooker) -> list[Progress]:
    """Return those of these studies that the hospital has and cannot serve yet."""
    return [one for one in await progress(connection, uids, onlooker) if one.state not in ("held", "missing")]


async def _whole(connection: AsyncConnection, uids: Collection[str]) -> set[str]:
    rows = await connection.execute(select(study.c.uid).where(study.c.uid.in_(uids), is_whole(study.c.uid)))
    return set(rows.scalars())


async def _served(connection: AsyncConnection, uids: Collection[str], onlooker: Onlooker) -> dict[str, int | None]:
    """Return how many instances the onlooker may have of each study; None for one that is withheld."""
    visible = and_(study.c.withheld == "", is_released(study.c.uid, onlooker)).label("visible")
    rows = await connection.execute(
        select(study.c.uid, visible, func.count().label("instances"))
        .join(instance, instance.c.study_uid == study.c.uid)
        .where(study.c.uid.in_(uids), instance.c.gone.is_(None), may_leave(onlooker))
        .group_by(study.c.uid, study.c.withheld)
    )
    return {row.uid: row.instances if row.visible else None for row in rows}


def has_no_hold(uid: ColumnElement[str], since: datetime) -> ColumnElement[bool]:
    """Say that nobody has wanted a study since then, as a condition of a statement."""
    return not_(uid.in_(select(hold.c.study_uid).where(hold.c.until > since)))
