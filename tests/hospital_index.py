"""A hospital's index, store and crosswalk, without a server."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine
from tests.cast import ANNA, BRAM, Person
from tests.hospital_images import ISSUER, crosswalk_csv

from beeldpas.database.engine import transaction
from beeldpas.gateway import crosswalk, quarantine, rejection
from beeldpas.gateway.index import held
from beeldpas.gateway.indexing import generation
from beeldpas.gateway.ingest import Ingest, Ingested
from beeldpas.gateway.objects.folder import FolderStore
from beeldpas.gateway.release import Onlooker

TODAY = Onlooker(date(2026, 11, 24), stands_in=False)


class Index:
    """What a hospital knows, on a folder of its own."""

    def __init__(self, engine: AsyncEngine, folder: Path) -> None:
        self.engine = engine
        self.folder = folder
        self.files = folder / "files"
        self.files.mkdir()
        self.store = FolderStore(self.files)

    async def ingest(self, source: Path | None = None) -> Ingested:
        work = Ingest(self.engine, self.store, ISSUER)
        return await (work.from_folder(source) if source else work.from_store())

    async def crosswalk(self, *more: str, correct: bool = False, people: tuple[Person, ...] = (ANNA, BRAM)) -> None:
        file = crosswalk_csv(self.folder / "crosswalk.csv", *more, people=people)
        with file.open() as rows:
            new, _ = crosswalk.read_csv(rows)
        async with transaction(self.engine) as connection:
            changed = crosswalk.combine(await quarantine.all_patients(connection), new, correct=correct)
            await quarantine.keep_patients(connection, changed.values())
            await rejection.settle_all(connection)
            await quarantine.match(connection)

    async def served(self, *studies: str, at: int | None = None) -> dict[str, int]:
        async with transaction(self.engine) as connection:
            return {study.uid: len(study.instances) for study in await held(connection, studies, TODAY, at)}

    async def withheld(self) -> dict[str, str]:
        async with transaction(self.engine) as connection:
            return {one.study_uid: one.reason for one in await quarantine.listing(connection)}

    async def generation(self) -> int:
        async with transaction(self.engine) as connection:
            return await generation(connection)
