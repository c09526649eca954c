"""Listing what the PACS has: everything of a patient who is new to the crosswalk, later what the days have brought.

Only patients that the hospital's own master data vouches for are listed; no image is fetched.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import TypeVar

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from beeldpas.database.engine import transaction
from beeldpas.database.once import insert_once
from beeldpas.gateway.crosswalk import Number
from beeldpas.gateway.pacs import catalogue, queue
from beeldpas.gateway.pacs.caution import Caution
from beeldpas.gateway.pacs.port import Pacs, RemoteStudy, StudyQuery, failed
from beeldpas.gateway.store.staging import listed_days, listed_patient
from beeldpas.gateway.store.tables import crosswalk

# A study goes on growing for a while: the last days are listed again.
_AGAIN = timedelta(days=3)
T = TypeVar("T")


@dataclass(slots=True)
class Listed:
    """What a listing did: patients asked for, studies that are new or other than before, and lost ones."""

    patients: int = 0
    changed: int = 0
    unchanged: int = 0
    lost: int = 0


class Sync:
    """Lists for one hospital; `connections` is shared with whoever else asks the PACS."""

    def __init__(
        self,
        engine: AsyncEngine,
        pacs: Pacs,
        caution: Caution,
        connections: asyncio.Semaphore,
        local_issuer: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._engine = engine
        self._pacs = pacs
        self._caution = caution
        self._connections = connections
        self._local_issuer = local_issuer
        self._clock = clock
        self._done = Listed()

    async def run(self, *, everybody: bool = False) -> Listed:
        """List patient by patient who was never listed (all, with `everybody`), then what the last days brought.

        Raises: Unavailable("pacs"), also with the reason of a pause ("kill_switch", "quiet_hours"); what was listed
        until then stays listed.
        """
        self._done = Listed()
        numbers, listed = await self._numbers()
        for number in sorted(numbers if everybody else numbers - listed):
            await self._patient(number)
        await self._days(numbers)
        return self._done

    async def _numbers(self) -> tuple[set[Number], set[Number]]:
        """Return the numbers that the crosswalk vouches for, and those that were listed."""
        known = select(crosswalk.c.issuer, crosswalk.c.local_number).where(crosswalk.c.disputed.is_(False))
        done = select(listed_patient.c.issuer, listed_patient.c.local_number)
        async with transaction(self._engine) as connection:
            vouched = {(row.issuer, row.local_number) for row in await connection.execute(known)}
            listed = {(row.issuer, row.local_number) for row in await connection.execute(done)}
        return vouched, listed

    async def _patient(self, number: Number) -> None:
        found = self._of(await self._ask(StudyQuery(patient_id=number[1])), {number})
        await self._keep(found)
        async with transaction(self._engine) as connection:
            self._done.lost += await catalogue.drop_lost(connection, number, {study.uid for study in found})
            await catalogue.note_listed(connection, number, self._clock())
        self._done.patients += 1

    async def _days(self, numbers: set[Number]) -> None:
        """List day by day since the last time; the first time there is nothing to catch up with."""
        today = self._caution.today(self._clock())
        async with transaction(self._engine) as connection:
            await insert_once(connection, listed_days, {"id": 1, "last_day": today}, ["id"])
            last: date = (await connection.execute(select(listed_days.c.last_day))).scalar_one()
        day = min(last, today) - _AGAIN
        while day <= today:
            await self._keep(self._of(await self._ask(StudyQuery(first=day, last=day)), numbers))
            async with transaction(self._engine) as connection:
                await connection.execute(update(listed_days).values(last_day=max(day, last)))
            day += timedelta(days=1)

    def _of(self, studies: Iterable[RemoteStudy], numbers: set[Number]) -> list[RemoteStudy]:
        """Keep those that carry one of these numbers: a PACS may match more than it was asked for."""
        return [study for study in studies if self._number(study) in numbers]

    def _number(self, study: RemoteStudy) -> Number:
        return study.identity.issuer or self._local_issuer, study.identity.patient_id

    async def _keep(self, studies: Sequence[RemoteStudy]) -> None:
        """Write down what is new, or not as it was listed before."""
        async with transaction(self._engine) as connection:
            known = await catalogue.known(connection, [(study, self._number(study)[0]) for study in studies])
        for study in studies:
            if study.uid in known:
                self._done.unchanged += 1
                continue
            series = await self._through(partial(self._pacs.series, study.uid))
            async with transaction(self._engine) as connection:
                await catalogue.keep(connection, study, series, self._number(study)[0], self._clock())
                await queue.note_grown(connection, study.uid, study.instances, self._clock())
            self._done.changed += 1

    async def _ask(self, query: StudyQuery) -> list[RemoteStudy]:
        return await self._through(partial(self._pacs.studies, query))

    async def _through(self, question: Callable[[], T]) -> T:
        """Ask the PACS one thing, unless it is to be left alone."""
        if reason := self._caution.reason_to_wait(self._clock()):
            raise failed(reason)
        async with self._connections:
            return await asyncio.to_thread(question)
