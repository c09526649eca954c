"""What a hospital holds now, as it would publish it: read from its gateway's own index at each question."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from beeldpas.database.engine import transaction
from beeldpas.demo.registries.entries import Entry
from beeldpas.domain.bsn import BSN
from beeldpas.formats.fhir.publication import PublishedStudy, PublishingHospital
from beeldpas.formats.question import Question
from beeldpas.gateway.publish import own_hospital
from beeldpas.gateway.publishable import Own, studies_after
from beeldpas.gateway.release import Onlooker, may_leave
from beeldpas.gateway.settings import GatewaySettings
from beeldpas.gateway.store.tables import instance

_PAGE = 100
_REPRESENTATIVES = "representatives"


@dataclass(frozen=True, slots=True)
class Holdings:
    """The index of one hospital's gateway."""

    settings: GatewaySettings
    engine: AsyncEngine
    clock: Callable[[], datetime]

    @property
    def hospital(self) -> PublishingHospital:
        """Whose index this is."""
        return own_hospital(self.settings)

    async def studies(self) -> list[PublishedStudy]:
        """Return every study that may be known of, whoever it is of."""
        own, found, last = Own("law", frozenset({self.settings.hospital.casefold()})), [], ""
        async with transaction(self.engine) as connection:
            while page := await studies_after(connection, last, _PAGE, own, self.clock()):
                found += page
                last = page[-1].study_uid
        return found

    async def studies_of(self, bsn: BSN, question: Question) -> list[PublishedStudy]:
        """Return the studies of one person that whoever asks may know of."""
        stands_in = question.asker == "patient" and question.role != "patient"
        return [
            one
            for one in await self.studies()
            if one.bsn == bsn and not (stands_in and _REPRESENTATIVES in one.withheld_from)
        ]

    async def entries_of(self, bsn: BSN, question: Question) -> list[tuple[int, Entry]]:
        """Return what a registry has of one person; each entry has a number of its own."""
        return await self._entries(await self.studies_of(bsn, question))

    async def entry(self, number: int) -> tuple[int, Entry] | None:
        """Return the entry with this number."""
        found = await self._entries([one for one in await self.studies() if number_of(one) == number])
        return found[0] if found else None

    async def _entries(self, studies: Sequence[PublishedStudy]) -> list[tuple[int, Entry]]:
        async with transaction(self.engine) as connection:
            patient = Onlooker.at(self.clock(), stands_in=False)
            listed = await _instances(connection, [one.study_uid for one in studies], patient)
        at, orders = self.hospital, f"2.16.528.1.1007.3.3.{self.settings.ura}"
        address = f"{self.settings.base_url}/dicom-web"
        return [(number_of(one), Entry(one, at, address, orders, listed)) for one in studies]


def number_of(study: PublishedStudy) -> int:
    """The number of a study's entry: the same for as long as there is such a study."""
    return int.from_bytes(sha256(study.study_uid.encode()).digest()[:7])


async def _instances(
    connection: AsyncConnection, uids: Sequence[str], onlooker: Onlooker
) -> dict[str, list[tuple[str, str]]]:
    """Return of each series the SOP class and UID of every image that is there."""
    rows = await connection.execute(
        select(instance.c.series_uid, instance.c.sop_class, instance.c.sop_uid)
        .where(instance.c.study_uid.in_(uids), instance.c.gone.is_(None), may_leave(onlooker))
        .order_by(instance.c.number, instance.c.sop_uid)
    )
    found = defaultdict[str, list[tuple[str, str]]](list)
    for series_uid, sop_class, sop_uid in rows:
        found[series_uid].append((sop_class, sop_uid))
    return found
