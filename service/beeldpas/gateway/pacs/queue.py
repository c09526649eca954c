"""The queue of studies to fetch, kept in the database: what is taken by one fetch is taken by no other."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.gateway import indexing
from beeldpas.gateway.crosswalk import Number
from beeldpas.gateway.pacs import holds
from beeldpas.gateway.store.changes import rejection_note
from beeldpas.gateway.store.staging import hold, remote_study, staged_object, staged_study, waiting_lease
from beeldpas.gateway.store.tables import instance, lease, study

# A token lives five minutes, and a page that shows images as long as it pleases: nothing is pulled away at once.
_GRACE = timedelta(minutes=15)
_REST = timedelta(minutes=15)
_table = staged_study.c


@dataclass(frozen=True, slots=True)
class Wanted:
    """A study to fetch: whose number it must carry, how many instances were announced, the how-manieth try it is."""

    uid: str
    number: Number
    announced: int | None
    attempt: int


async def take(connection: AsyncConnection, now: datetime) -> Wanted | None:
    """Take the study that has waited longest and may be tried now; None when there is none."""
    due = (
        select(_table.uid)
        .where(_table.state == "queued", _table.next_at <= now, ~holds.has_no_hold(_table.uid, now))
        .where(_table.uid.in_(select(remote_study.c.uid).where(remote_study.c.withheld == "")))
        .order_by(_table.next_at, _table.uid)
        .limit(1)
    )
    uid = (await connection.execute(due)).scalar_one_or_none()
    if uid is None:
        return None
    taken = await connection.execute(
        update(staged_study)
        .where(_table.uid == uid, _table.state == "queued")
        .values(state="fetching", reason="", fetched=0, attempts=_table.attempts + 1)
        .returning(_table.attempts)
    )
    attempt = taken.scalar_one_or_none()
    if attempt is None:
        return None
    row = (await connection.execute(select(remote_study).where(remote_study.c.uid == uid))).one()
    return Wanted(uid, (row.issuer, row.local_number), row.instances, attempt)


async def note_grown(connection: AsyncConnection, uid: str, instances: int | None, now: datetime) -> None:
    """Have a study fetched once more that has become larger; what is here of it is served meanwhile."""
    if instances is None:
        return
    grown = (_table.uid == uid, _table.state == "held", _table.fetched < instances)
    values = {"state": "queued", "attempts": 0, "next_at": now, "announced": instances}
    await connection.execute(update(staged_study).where(*grown).values(**values))


async def begin_again(connection: AsyncConnection) -> None:
    """Queue what was being fetched when the program ended."""
    await connection.execute(update(staged_study).where(_table.state == "fetching").values(state="queued", fetched=0))


async def note_fetched(connection: AsyncConnection, uid: str, fetched: int) -> bool:
    """Note how far a fetch is; say whether anybody still wants it."""
    await connection.execute(update(staged_study).where(_table.uid == uid).values(fetched=fetched))
    return (await connection.execute(select(hold.c.id).where(hold.c.study_uid == uid).limit(1))).first() is not None


async def put_back(
    connection: AsyncConnection, wanted: Wanted, reason: str, next_at: datetime, *, counts: bool
) -> None:
    """Queue a study again for later; a try that was not its own fault does not count."""
    attempts = wanted.attempt if counts else wanted.attempt - 1
    values = {"state": "queued", "reason": reason[:32], "next_at": next_at, "attempts": attempts, "fetched": 0}
    await connection.execute(update(staged_study).where(_table.uid == wanted.uid).values(**values))


async def give_up(connection: AsyncConnection, uid: str, reason: str, now: datetime) -> None:
    """Say that a study cannot be had; it may be tried again after a rest, or for somebody new."""
    values = {"state": "failed", "reason": reason[:32], "next_at": now + _REST, "fetched": 0}
    await connection.execute(update(staged_study).where(_table.uid == uid).values(**values))


async def note_objects(connection: AsyncConnection, uid: str, since: int) -> int:
    """Remember which objects were written for a study after a generation of the index; return its living instances.

    They may hold what is not served: rejected instances, and the notes that reject them.
    What lay in the store before, or elsewhere in it, is the hospital's own and is not touched when the study goes.
    """
    known, written = set(await objects_of(connection, uid)), set[str]()
    for table in (instance, rejection_note):
        keys = select(table.c.object_key).where(table.c.study_uid == uid, table.c.born > since).distinct()
        written.update((await connection.execute(keys)).scalars())
    new = sorted(key for key in written - known if key.startswith(f"{uid}/"))
    if new:
        await connection.execute(insert(staged_object), [{"key": key, "study_uid": uid} for key in new])
    living = select(func.count()).where(instance.c.study_uid == uid, instance.c.gone.is_(None))
    return int((await connection.execute(living)).scalar_one())


async def finish(connection: AsyncConnection, uid: str, instances: int, now: datetime) -> str:
    """Say that a study is whole, and may be served unless the crosswalk says otherwise; return why it is withheld."""
    found = await connection.execute(select(study.c.withheld).where(study.c.uid == uid))
    withheld = str(found.scalar_one())
    await connection.execute(
        update(staged_study)
        .where(_table.uid == uid)
        .values(state="held", reason=withheld, fetched=instances, whole_at=now)
    )
    return withheld


async def let_go(connection: AsyncConnection, now: datetime) -> None:
    """Forget holds that ended, and take out of the index what nobody wants any more.

    Nothing goes while a lease that is still running may read it.
    """
    await connection.execute(delete(hold).where(hold.c.until <= now - _GRACE))
    await connection.execute(delete(waiting_lease).where(waiting_lease.c.ends_at <= now))
    idle = select(_table.uid).where(
        _table.state.in_(("queued", "held", "failed")), holds.has_no_hold(_table.uid, now - _GRACE)
    )
    for uid in (await connection.execute(idle)).scalars().all():
        if await _is_leased(connection, uid, now):
            continue
        keys = await objects_of(connection, uid)
        if keys:
            await indexing.forget(connection, keys)
        await connection.execute(
            update(staged_study).where(_table.uid == uid).values(state="removing", whole_at=None)
        )


async def to_remove(connection: AsyncConnection) -> dict[str, list[str]]:
    """Return the objects that are still to be taken away, by study."""
    uids = (await connection.execute(select(_table.uid).where(_table.state == "removing"))).scalars().all()
    return {uid: await objects_of(connection, uid) for uid in uids}


async def removed(connection: AsyncConnection, uid: str) -> None:
    """Forget a study whose objects were taken away; it is in the PACS only, as before."""
    await connection.execute(delete(staged_object).where(staged_object.c.study_uid == uid))
    await connection.execute(delete(staged_study).where(_table.uid == uid, _table.state == "removing"))


async def objects_of(connection: AsyncConnection, uid: str) -> list[str]:
    """Return the keys of what was written for a study."""
    rows = await connection.execute(select(staged_object.c.key).where(staged_object.c.study_uid == uid))
    return list(rows.scalars())


async def _is_leased(connection: AsyncConnection, uid: str, now: datetime) -> bool:
    quoted = f'%"{uid}"%'
    running = select(lease.c.id).where(lease.c.ends_at > now, lease.c.studies.like(quoted)).limit(1)
    return (await connection.execute(running)).first() is not None
