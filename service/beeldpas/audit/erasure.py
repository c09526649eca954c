"""Erasing what was kept for its term: the record, its salt and whom it was about; its leaf hash stays in the tree.

The database lets this through for rows of five years and older only (the migration that makes the tree). Each batch
is an event of its own, on the transaction that erases.
*Source:* GDPR art. 5(1)(e); the terms in `term.py`.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

import structlog
from sqlalchemy import MetaData, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from beeldpas.audit.event import Actor, Event
from beeldpas.audit.events import Upkeep
from beeldpas.audit.log import access_log_table, append
from beeldpas.audit.term import LONGEST_YEARS, SHORTEST_YEARS, term
from beeldpas.database.engine import transaction
from beeldpas.domain.errors import BeeldpasError

_EVERY_SECONDS = 86_400.0
_AT_ONCE = 5000
_LOG = access_log_table(MetaData())
log = structlog.get_logger()


class Erasure:
    """Erases, once a day, what is older than the term of one program's log; `source` names the program in it."""

    def __init__(self, engine: AsyncEngine, source: str, years: int, clock: Callable[[], datetime]) -> None:
        """Take the term. Raises: ValueError when it is not 5 to 20 years."""
        if not SHORTEST_YEARS <= years <= LONGEST_YEARS:
            raise ValueError("a log is kept for 5 to 20 years")
        self._engine = engine
        self._source = source
        self._years = years
        self._clock = clock

    async def run(self) -> None:
        """Erase now and every day after, until cancelled."""
        while True:
            try:
                await self.erase_due()
            except (BeeldpasError, SQLAlchemyError) as error:
                log.error("log_not_erased", kind=type(error).__name__)
            await asyncio.sleep(_EVERY_SECONDS)

    async def erase_due(self) -> int:
        """Erase all that is past its term; return how many records. Raises: Unavailable("database")."""
        erased, before = 0, term(self._clock(), self._years)
        while True:
            async with transaction(self._engine) as connection:
                count = await self._erase(connection, before)
            erased += count
            if count < _AT_ONCE:
                return erased

    async def _erase(self, connection: AsyncConnection, before: datetime) -> int:
        due = select(_LOG.c.row_id).where(_LOG.c.at < before, _LOG.c.record != "").limit(_AT_ONCE)
        emptied = {"record": "", "salt": b"", "patient": None, "share_id": None}
        statement = update(_LOG).where(_LOG.c.row_id.in_(due), _LOG.c.record != "").values(emptied)
        count = (await connection.execute(statement)).rowcount
        if count:
            event = Event(
                event_id=str(uuid4()),
                at=self._clock(),
                kind=Upkeep.ERASE_LOG,
                outcome="done",
                actor=Actor(kind="program", subject=self._source),
                source=self._source,
                details={"count": count, "before": before.isoformat(timespec="seconds")},
            )
            await append(connection, event)
        return count
