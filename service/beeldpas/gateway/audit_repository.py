"""What the hospital's audit repository is sent: every row of the gateway's log, in order, until it certainly has it.

What waits is kept in the gateway's database, over restarts and long outages; nothing is ever dropped. When much of
it waits an alarm is raised, since a full disk would stop everything. *Source:* DICOM PS3.15 §A.6; RFC 5425.
"""

import asyncio
import json
import os
import socket
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Row, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from beeldpas.audit.events import Reader
from beeldpas.audit.export_dicom import audit_message
from beeldpas.audit.export_fields import Person
from beeldpas.audit.log import visible
from beeldpas.audit.standard_codes import outcome_of
from beeldpas.audit.syslog import frame
from beeldpas.database.engine import transaction
from beeldpas.domain.errors import Unavailable
from beeldpas.gateway import metrics
from beeldpas.gateway.audit_delivery import deliver, tls_for
from beeldpas.gateway.settings import AuditRepositorySettings
from beeldpas.gateway.store.spool import audit_spool
from beeldpas.gateway.store.tables import access_log, study

_AT_ONCE = 100
_PAUSE_SECONDS = 0.5
_LONGEST_WAIT = timedelta(minutes=5)
_WITHHELD = "withheld"
log = structlog.get_logger()


class AuditRepository:
    """Sends what waits, oldest first; one of these runs in a gateway that has a repository."""

    def __init__(self, engine: AsyncEngine, settings: AuditRepositorySettings, clock: Callable[[], datetime]) -> None:
        """Raises: OSError, ssl.SSLError when a certificate that the settings name cannot be read."""
        self._engine = engine
        self._settings = settings
        self._clock = clock
        self._tls = tls_for(settings)
        self._failures = 0
        self._not_before: datetime | None = None

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            try:
                await self.watch()
                await self.send_waiting()
            except Unavailable:
                log.warning("audit_spool_unavailable")
            except (
                KeyError,
                ValueError,
            ):  # a record of a later version of this program: it waits, and so does the rest
                log.exception("audit_record_unreadable")
            await asyncio.sleep(_PAUSE_SECONDS)

    async def send_waiting(self) -> int:
        """Send everything that is due; return how many messages the repository has now."""
        done = 0
        while self._is_due() and (due := await self._due()):
            if not await self._send(due):
                break
            done += len(due)
        return done

    async def watch(self) -> int:
        """Count what waits, and raise the alarm when it is too much."""
        async with transaction(self._engine) as connection:
            waiting = int((await connection.execute(select(func.count()).select_from(audit_spool))).scalar_one())
        metrics.audit_waiting.set(waiting)
        if waiting >= self._settings.alarm_at:
            log.error("audit_spool_large", waiting=waiting)
        return waiting

    def _is_due(self) -> bool:
        return self._not_before is None or self._clock() >= self._not_before

    async def _due(self) -> Sequence[Row[*tuple[Any, ...]]]:
        spool = audit_spool
        wanted = (
            select(spool.c.id, spool.c.study_uid, spool.c.made_at, access_log.c.record)
            .join(access_log, access_log.c.event_id == spool.c.event_id)
            .order_by(spool.c.id)
            .limit(_AT_ONCE)
        )
        async with transaction(self._engine) as connection:
            return (await connection.execute(wanted)).all()

    async def _send(self, due: Sequence[Row[*tuple[Any, ...]]]) -> bool:
        """Send one run; forget it when it has certainly arrived, or else wait twice as long as the last time."""
        async with transaction(self._engine) as connection:
            frames = [await self._frame(connection, row) for row in due if row.record]
        try:
            await deliver(self._settings.host, self._settings.port, self._tls, frames)
        except OSError as error:
            wait = min(timedelta(seconds=2 ** min(self._failures, 10)), _LONGEST_WAIT)
            self._failures, self._not_before = self._failures + 1, self._clock() + wait
            log.warning("audit_not_sent", kind=type(error).__name__, waiting_seconds=wait.total_seconds())
            return False
        self._failures, self._not_before = 0, None
        async with transaction(self._engine) as connection:
            await connection.execute(delete(audit_spool).where(audit_spool.c.id.in_([row.id for row in due])))
        return True

    async def _frame(self, connection: AsyncConnection, row: Row[*tuple[Any, ...]]) -> bytes:
        record = visible(json.loads(row.record), Reader.HOSPITAL)
        person = await _patient(connection, row.study_uid) if row.study_uid else None
        return frame(
            audit_message(record, row.study_uid, person),
            at=row.made_at,
            host=socket.gethostname(),
            program="beeldpas-gateway",
            process=str(os.getpid()),
            warning=outcome_of(record) != "0",
        )


async def _patient(connection: AsyncConnection, study_uid: str) -> Person:
    """Return whose study it is by the hospital's own number; a number that is the citizen's own is not named."""
    wanted = select(study.c.issuer, study.c.local_number, study.c.bsn).where(study.c.uid == study_uid)
    row = (await connection.execute(wanted)).first()
    if row is None or not row.local_number or (row.bsn and row.bsn in row.local_number.zfill(9)):
        return Person(_WITHHELD, _WITHHELD)
    return Person(row.issuer, row.local_number)
