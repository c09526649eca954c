"""What an administrator's commands do, apart from what they say: bring in images and master data."""

import csv
from pathlib import Path
from typing import Any

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import Malformed
from beeldpas.gateway import crosswalk, notes, quarantine, recall, rejection
from beeldpas.gateway.app import open_database
from beeldpas.gateway.ingest import Ingest
from beeldpas.gateway.intake import Ingested
from beeldpas.gateway.objects.open import open_store
from beeldpas.gateway.pacs import catalogue
from beeldpas.gateway.pacs.staging import Staging
from beeldpas.gateway.pacs.sync import Listed
from beeldpas.gateway.publish import Progress, Published, publish
from beeldpas.gateway.settings import GatewaySettings
from beeldpas.gateway.status import utc_now
from beeldpas.gateway.verifying import Verified, verify


async def ingest_all(settings: GatewaySettings, folder: Path | None, done: Ingested | None = None) -> Ingested:
    """Index a folder that is copied into the store, or what lies in the store; `done` is counted up meanwhile."""
    engine, store = open_database(settings), open_store(settings)
    try:
        work = Ingest(engine, store, settings.local_issuer, done=done, keep_tiff=settings.keep_tiff_preambles)
        return await (work.from_folder(folder) if folder else work.from_store())
    finally:
        await engine.dispose()


async def import_file(
    settings: GatewaySettings, file: Path, correct: bool
) -> tuple[int, tuple[crosswalk.Fault, ...]]:
    """Read a crosswalk and compare every study with it anew; return how many numbers changed, and the faults."""
    engine = open_database(settings)
    try:
        new, faults = _read_crosswalk(file)
        async with transaction(engine) as connection:
            changed = crosswalk.combine(await quarantine.all_patients(connection), new, correct=correct)
            await quarantine.keep_patients(connection, changed.values())
            await rejection.settle_all(connection)
            await quarantine.match(connection)
            await catalogue.match(connection)
        return len(changed), faults
    finally:
        await engine.dispose()


async def publish_all(settings: GatewaySettings, progress: Progress, *, again: bool) -> Published:
    """Tell the registry what changed, or everything."""
    engine = open_database(settings)
    try:
        return await publish(settings, engine, utc_now, progress, again=again)
    finally:
        await engine.dispose()


async def verify_all(settings: GatewaySettings, progress: Progress) -> Verified:
    """Compare with what the registry has, and put it right."""
    engine = open_database(settings)
    try:
        return await verify(settings, engine, utc_now, progress)
    finally:
        await engine.dispose()


async def recalls(settings: GatewaySettings) -> list[dict[str, Any]]:
    """Return who got what was taken back later, brought up to this moment."""
    engine = open_database(settings)
    try:
        async with transaction(engine) as connection:
            await recall.catch_up(connection, utc_now())
            return await recall.listing(connection)
    finally:
        await engine.dispose()


async def rejections(settings: GatewaySettings) -> tuple[notes.Rejected, ...]:
    """Return everything that a rejection note names."""
    engine = open_database(settings)
    try:
        async with transaction(engine) as connection:
            return await notes.listing(connection)
    finally:
        await engine.dispose()


async def list_pacs(settings: GatewaySettings, *, everybody: bool) -> Listed:
    """List what the hospital's PACS has, of every patient anew or as far as it was not; no image is fetched."""
    engine = open_database(settings)
    staging = Staging(settings, engine, open_store(settings), utc_now)
    try:
        return await staging.list_once(everybody=everybody)
    finally:
        await staging.close()
        await engine.dispose()


def _read_crosswalk(file: Path) -> tuple[dict[crosswalk.Number, crosswalk.Patient], tuple[crosswalk.Fault, ...]]:
    try:
        with file.open(newline="", encoding="utf-8-sig") as rows:
            return crosswalk.read_csv(rows)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Malformed("crosswalk_unreadable") from error
