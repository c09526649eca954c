"""Reading what is stored again, slowly and all the time, and comparing it with what the index says.

A disk forgets without a word. The CRC-32 that is checked on the way out finds that when somebody needs the image; the
scrub finds it while there is still a copy to put back. What is damaged is remembered until it was seen whole again.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Event
from typing import Any

import structlog
from isal.isal_zlib import crc32
from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from beeldpas.database.engine import transaction
from beeldpas.database.once import insert_once
from beeldpas.domain.errors import Unavailable
from beeldpas.formats.dicom import without_preamble
from beeldpas.gateway.objects.port import ObjectStore, failed
from beeldpas.gateway.settings import ScrubSettings
from beeldpas.gateway.store import tables
from beeldpas.gateway.store.packs import damaged, scrub_state

_READ_BYTES = 1024 * 1024
_AT_ONCE = 50
_LEAST_BYTES_PER_SECOND = 1_000_000
_FIRST_SECONDS, _AGAIN_SECONDS, _LONGEST_SECONDS = 60.0, 60.0, 3600.0
_REASONS = {"object_gone": "gone", "object_altered": "altered"}
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Damage:
    """An instance that is not there as it should be: "gone" or "altered"."""

    instance_id: int
    key: str
    start: int
    sop_uid: str
    reason: str


class Scrub:
    """The reader. `clock` tells when a round began."""

    def __init__(self, engine: AsyncEngine, store: ObjectStore, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._store = store
        self._clock = clock
        self._stop = Event()

    async def run(self, settings: ScrubSettings) -> None:
        """Go round for ever, each round from where the last program stopped; a store that fails is tried again."""
        if not settings.days_per_round:
            return
        wait = _FIRST_SECONDS
        self._stop.clear()
        try:
            while True:
                await asyncio.sleep(wait)
                try:
                    wait = await self._go_on(settings)
                except Unavailable as error:
                    _log.warning("scrub_waits", reason=error.reason)
                    wait = _AGAIN_SECONDS
        finally:
            self._stop.set()

    async def once(self, bytes_per_second: float | None = None) -> tuple[int, list[Damage]]:
        """Read everything once; return how many instances were read, and what is damaged. Raises: Unavailable."""
        after, count, found = 0, 0, list[Damage]()
        while rows := await self._next(after):
            found += await self._check(rows, bytes_per_second)
            after, count = rows[-1].id, count + len(rows)
        return count, found

    async def _go_on(self, settings: ScrubSettings) -> float:
        """Read a few instances; return after how many seconds to go on."""
        async with transaction(self._engine) as connection:
            after, began = await _state(connection, self._clock())
            total = await connection.execute(
                select(func.sum(tables.instance.c.length)).where(tables.instance.c.gone.is_(None))
            )
            stored = int(total.scalar_one() or 0)
        length = timedelta(days=settings.days_per_round)
        rows = await self._next(after)
        if rows:
            steady = max(stored / length.total_seconds(), _LEAST_BYTES_PER_SECOND)
            await self._check(rows, min(steady, settings.most_bytes_per_second))
            await self._note(rows[-1].id)
            return 0.0
        left = (began + length - self._clock()).total_seconds()
        if left <= 0:
            await self._note(0, self._clock())
        return min(max(left, 0.0), _LONGEST_SECONDS)

    async def _next(self, after: int) -> Sequence[Row[Any]]:
        table = tables.instance
        place = (table.c.object_key, table.c.object_version, table.c.start, table.c.length)
        columns = [*place, table.c.keeps_preamble]
        wanted = select(table.c.id, table.c.sop_uid, table.c.crc32, table.c.sha256, *columns)
        living = wanted.where(table.c.gone.is_(None), table.c.id > after).order_by(table.c.id).limit(_AT_ONCE)
        async with transaction(self._engine) as connection:
            return (await connection.execute(living)).all()

    async def _check(self, rows: Sequence[Row[Any]], bytes_per_second: float | None) -> list[Damage]:
        await asyncio.to_thread(self._store.check)
        reasons = [await asyncio.to_thread(self._read, row, bytes_per_second) for row in rows]
        found = [
            Damage(row.id, row.object_key, row.start, row.sop_uid, reason)
            for row, reason in zip(rows, reasons, strict=True)
            if reason
        ]
        if len(found) == len(rows) and await asyncio.to_thread(self._is_empty):
            raise failed()  # a disk that is not mounted is no damage
        async with transaction(self._engine) as connection:
            await _remember(connection, [row.id for row in rows], found, self._clock())
        return found

    def _read(self, row: Row[Any], bytes_per_second: float | None) -> str:
        """Read one instance; return what is wrong with it, "" when nothing is. Raises: Unavailable when in doubt."""
        try:
            sums = self._sums(row, bytes_per_second)
        except Unavailable as error:
            if error.reason in _REASONS:
                return _REASONS[error.reason]
            raise
        return "" if sums == (row.crc32, row.sha256) else "altered"

    def _sums(self, row: Row[Any], bytes_per_second: float | None) -> tuple[int, bytes]:
        crc, digest, at = 0, sha256(), 0
        room = memoryview(bytearray(min(_READ_BYTES, row.length)))
        reader = self._store.open(row.object_key, row.object_version, row.start, row.length)
        try:
            while at < row.length:
                part = room[: min(len(room), row.length - at)]
                reader.read_into(part)
                if not row.keeps_preamble:
                    without_preamble(at, part)
                crc = crc32(part, crc)
                digest.update(part)
                at += len(part)
                if bytes_per_second and self._stop.wait(len(part) / bytes_per_second):
                    raise Unavailable("objects", reason="stopped")
        finally:
            reader.close()
        return crc, digest.digest()

    def _is_empty(self) -> bool:
        return next(iter(self._store.listing()), None) is None

    async def _note(self, checked_to: int, began: datetime | None = None) -> None:
        values: dict[str, Any] = {"checked_to": checked_to} | ({"began_at": began} if began else {})
        async with transaction(self._engine) as connection:
            await connection.execute(update(scrub_state).values(**values))


async def count_damaged(connection: AsyncConnection) -> int:
    """Return how many instances that are served were damaged when they were last read (for metrics)."""
    table = tables.instance
    living = select(func.count()).select_from(damaged.join(table, table.c.id == damaged.c.instance_id))
    return int((await connection.execute(living.where(table.c.gone.is_(None)))).scalar_one())


async def _state(connection: AsyncConnection, now: datetime) -> tuple[int, datetime]:
    await insert_once(connection, scrub_state, {"id": 1, "checked_to": 0, "began_at": now}, ["id"])
    row = (await connection.execute(select(scrub_state.c.checked_to, scrub_state.c.began_at))).one()
    return row.checked_to, row.began_at


async def _remember(connection: AsyncConnection, read: Sequence[int], found: Sequence[Damage], now: datetime) -> None:
    """Note what is damaged, raise the alarm for what is new, and forget what is whole again."""
    table, bad = damaged, {one.instance_id: one for one in found}
    rows = await connection.execute(select(table.c.instance_id).where(table.c.instance_id.in_(read)))
    before = set(rows.scalars())
    await connection.execute(delete(table).where(table.c.instance_id.in_(before - bad.keys())))
    for instance_id in sorted(before - bad.keys()):
        _log.info("instance_whole_again", instance=instance_id)
    for instance_id in sorted(bad.keys() - before):
        reason = bad[instance_id].reason
        _log.error("instance_damaged", instance=instance_id, reason=reason)
        await connection.execute(insert(table).values(instance_id=instance_id, reason=reason, found_at=now))
