"""How fast a folder of images goes into series packs, as a share of what the disk takes from one plain writer.

Both write the same bytes and wait until they are on the disk, in turn; the files that are read are in the page cache.
The ingest does what the command does: it reads headers in processes, sums every byte, and fills the index.
"""

import asyncio
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from tests.bench.figures import Figure
from tests.bench.large_study import INSTANCES, ISSUER, make_study

from beeldpas.database.engine import migrate, open_engine
from beeldpas.gateway.app import MIGRATIONS
from beeldpas.gateway.ingest import Ingest
from beeldpas.gateway.objects.folder import FolderStore

ROUNDS = 5
_BLOCK = 1024 * 1024


def ingest_mb_per_s(folder: Path, rounds: int = ROUNDS) -> list[Figure]:
    """Measure on the disk that holds `folder`, which keeps the study for the next time."""
    make_study(folder / "study")
    size = sum(path.stat().st_size for path in (folder / "study").iterdir())
    ours, disk = [], []
    for _ in range(rounds + 1):
        with TemporaryDirectory(dir=folder) as name:
            disk.append(size / 1e6 / _write(Path(name) / "plain.bin", size))
            ours.append(size / 1e6 / _ingest(folder / "study", Path(name)))
    pairs = list(zip(ours, disk, strict=True))[1:]  # the first pair warmed the page cache
    return [
        Figure("ingest_mb_per_s", "MB/s", [one for one, _ in pairs]),
        Figure("ingest_vs_disk_write", "ratio", [one / other for one, other in pairs]),
        Figure("disk_write_mb_s", "MB/s", [other for _, other in pairs]),
        Figure("ingest_bytes", "bytes", [size]),
    ]


def _ingest(study: Path, own: Path) -> float:
    """Take the study into a new store with a new index; return the seconds that it took."""
    (own / "files").mkdir()
    url = f"sqlite+aiosqlite:///{own / 'gateway.db'}"
    migrate(url, MIGRATIONS)

    async def take() -> float:
        engine = open_engine(url)
        began = perf_counter()
        done = await Ingest(engine, FolderStore(own / "files"), ISSUER).from_folder(study)
        taken = perf_counter() - began
        await engine.dispose()
        assert (done.indexed, done.skipped) == (INSTANCES, [])
        return taken

    return asyncio.run(take())


def _write(file: Path, size: int) -> float:
    """Write a file and wait until it is on the disk; return the seconds that it took."""
    block = os.urandom(_BLOCK)
    began = perf_counter()
    with file.open("wb", buffering=0) as output:
        for start in range(0, size, _BLOCK):
            output.write(block[: size - start])
        os.fsync(output.fileno())
    taken = perf_counter() - began
    file.unlink()
    return taken
