"""When the PACS is left alone: quiet hours, the kill switch, and what one patient may cost it in a day."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.database.once import insert_once
from beeldpas.gateway.crosswalk import Number
from beeldpas.gateway.pacs.settings import PacsLimits
from beeldpas.gateway.store.staging import pacs_use

KILL_SWITCH, QUIET_HOURS, PATIENT_LIMIT = "kill_switch", "quiet_hours", "patient_limit"


class Caution:
    """The limits of one hospital; `state_dir` holds the kill switch unless the settings name another file."""

    def __init__(self, limits: PacsLimits, state_dir: Path) -> None:
        self._limits = limits
        self._zone = ZoneInfo(limits.time_zone)
        self._switch = limits.kill_switch_file or state_dir / "pacs-stop"

    @property
    def is_stopped(self) -> bool:
        """Say whether the kill switch is there."""
        return self._switch.exists()

    def reason_to_wait(self, now: datetime) -> str:
        """Say why nothing may be asked now; "" when it may."""
        if self.is_stopped:
            return KILL_SWITCH
        start, end = self._limits.quiet_from, self._limits.quiet_until
        return QUIET_HOURS if start and end and _lies_in(self._local(now).time(), start, end) else ""

    def today(self, now: datetime) -> date:
        """Return the hospital's own day."""
        return self._local(now).date()

    def tomorrow(self, now: datetime) -> datetime:
        """Return when the hospital's next day begins."""
        return datetime.combine(self.today(now) + timedelta(days=1), time(), self._zone)

    async def is_spent(self, connection: AsyncConnection, number: Number, now: datetime) -> bool:
        """Say whether a patient's bytes of today are spent; a study that was begun may go past them."""
        used = await connection.execute(select(pacs_use.c.bytes).where(*self._row(number, now)))
        return (used.scalar_one_or_none() or 0) >= self._limits.patient_day_bytes

    async def spend(self, connection: AsyncConnection, number: Number, count: int, now: datetime) -> None:
        """Count bytes that came from the PACS, whatever they were good for."""
        row = {"issuer": number[0], "local_number": number[1], "day": self.today(now), "bytes": 0}
        await insert_once(connection, pacs_use, row, ["issuer", "local_number", "day"])
        await connection.execute(
            update(pacs_use).where(*self._row(number, now)).values(bytes=pacs_use.c.bytes + count)
        )

    def _row(self, number: Number, now: datetime) -> tuple[ColumnElement[bool], ...]:
        table = pacs_use.c
        return table.issuer == number[0], table.local_number == number[1], table.day == self.today(now)

    def _local(self, now: datetime) -> datetime:
        return now.astimezone(self._zone)


def _lies_in(moment: time, start: time, end: time) -> bool:
    """Say whether a time of day lies in a stretch that may go past midnight."""
    return start <= moment < end if start <= end else moment >= start or moment < end
