"""Taking files into series packs: sort them, read their headers, write each series as one object, index it.

Each step of a series is whole or not at all: first its pack is stored, then the pack is indexed in one transaction.
What stops in between leaves a pack that nobody knows, and the next ingest of that series takes it up.
Memory is bounded by the files that are sorted at a time and by the instances of two packs.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from beeldpas.domain.errors import Malformed
from beeldpas.formats.place import place_of
from beeldpas.gateway import packs
from beeldpas.gateway.indexing import Look, Outcome
from beeldpas.gateway.intake import Intake, batches
from beeldpas.gateway.objects.names import key_of
from beeldpas.gateway.objects.port import ObjectStore
from beeldpas.gateway.readers import Placed, Readers, described, placed, summed
from beeldpas.gateway.scan import Checksums, Described
from beeldpas.gateway.unpacking import look_into

_SORTED_AT_ONCE = 20_000
_MOST_INSTANCES = 4_000
_MOST_BYTES = 8 * 1024**3


@dataclass(frozen=True, slots=True)
class _Pack:
    """What is to become one pack: files of one series, in the order in which they are served."""

    study_uid: str
    series_uid: str
    files: Sequence[Placed]


class Packing:
    """One run over many files."""

    def __init__(
        self, intake: Intake, store: ObjectStore, readers: Readers, folder: Path, keep_tiff: bool = False
    ) -> None:
        self._intake = intake
        self._placed = partial(placed, keep_tiff=keep_tiff)
        self._summed = partial(summed, keep_tiff=keep_tiff)
        self._described = partial(described, keep_tiff=keep_tiff)
        self._store = store
        self._readers = readers
        self._folder = folder

    async def take(self, files: Sequence[Path]) -> None:
        """Take files in. Raises: Unavailable("objects"), with reason "disk_full" and others.

        What was taken in until then is stored and indexed whole; of the rest nothing is stored.
        """
        self._intake.done.left += len(files)
        for window in batches(iter(files), _SORTED_AT_ONCE):
            waiting = await self._sort(window)
            while waiting:
                waiting = await self._take_some(waiting)

    async def _sort(self, paths: Sequence[Path]) -> list[Placed]:
        found = []
        for path, one in zip(paths, await self._readers.each(self._placed, paths), strict=True):
            if isinstance(one, Placed):
                found.append(one)
            else:
                self._skip(path, one)
        return found

    async def _take_some(self, files: Sequence[Placed]) -> list[Placed]:
        """Take one file for each instance; return those whose turn is yet to come."""
        living = await self._intake.living({file.place.sop_uid for file in files})
        held, fresh, waiting = [], dict[str, Placed](), []
        for file in files:
            if file.place.sop_uid in living:
                held.append(file)
            elif file.place.sop_uid in fresh:
                waiting.append(file)
            else:
                fresh[file.place.sop_uid] = file
        await self._compare(held, living)
        return [*await self._pack([*fresh.values()]), *waiting]

    async def _compare(self, files: Sequence[Placed], living: dict[str, bytes]) -> None:
        """Say of files whose instances are held whether they are the same."""
        paths, others = [file.source.path for file in files], list[Path]()
        for file, sums in zip(files, await self._readers.each(self._summed, paths), strict=True):
            if not isinstance(sums, Checksums):
                self._skip(file.source.path, sums)
            elif sums.sha256 == living[file.place.sop_uid]:
                self._count(file.source.path, "unchanged")
            else:
                others.append(file.source.path)
        for path, found in zip(others, await self._readers.each(self._described, others), strict=True):
            self._skip(path, found if isinstance(found, str) else "uid_in_use")

    async def _pack(self, files: Sequence[Placed]) -> list[Placed]:
        """Write packs; the headers of the next one are read meanwhile. Return files that must be asked for again."""
        again: list[Placed] = []
        todo = list(_in_packs(files))
        reading = [asyncio.ensure_future(self._describe(pack)) for pack in todo[:1]]
        try:
            for number, pack in enumerate(todo):
                found = await reading.pop()
                reading += [asyncio.ensure_future(self._describe(after)) for after in todo[number + 1 : number + 2]]
                if await self._take_up(pack):
                    again += pack.files
                else:
                    await self._write(pack, found)
        finally:
            await asyncio.gather(*reading, return_exceptions=True)
        return again

    async def _describe(self, pack: _Pack) -> list[Described | str]:
        return await self._readers.each(self._described, [file.source.path for file in pack.files])

    async def _take_up(self, pack: _Pack) -> bool:
        """Index packs of this series that nobody knows: an ingest was stopped there. Say whether there were any."""
        prefix = packs.folder_of(pack.study_uid, pack.series_uid)
        known = await self._intake.known(prefix)
        there = await asyncio.to_thread(lambda: list(self._store.listing(prefix)))
        unknown = [facts for facts in there if packs.is_pack(facts.key) and facts.key not in known]
        for facts in unknown:
            await self._intake.keep(await asyncio.to_thread(look_into, self._store, facts))
        return bool(unknown)

    async def _write(self, pack: _Pack, found: Sequence[Described | str]) -> None:
        """Write and index one pack; a file that is not what it was is left out, and the pack written without it."""
        good: list[tuple[Placed, Described]] = []
        for file, one in zip(pack.files, found, strict=True):
            if isinstance(one, str):
                self._skip(file.source.path, one)
            elif place_of(one.instance) != file.place:
                self._skip(file.source.path, "changed")
            else:
                good.append((file, one))
        while good:
            sources = [file.source for file, _ in good]
            try:
                facts, members = await asyncio.to_thread(
                    packs.write, self._store, pack.study_uid, pack.series_uid, sources
                )
            except Malformed as error:
                self._skip(good.pop(int(error.detail["number"]))[0].source.path, error.reason)
                continue
            await self._intake.keep(
                [
                    Look(facts, one.with_bytes(member.length, member.checksums), start=member.start)
                    for (_, one), member in zip(good, members, strict=True)
                ]
            )
            self._intake.done.left -= len(good)
            return

    def _skip(self, path: Path, reason: str) -> None:
        self._count(path, "skipped", reason)

    def _count(self, path: Path, kind: str, reason: str = "") -> None:
        self._intake.done.left -= 1
        self._intake.count(Outcome(key_of(path.relative_to(self._folder).as_posix()), kind, reason))


def _in_packs(files: Sequence[Placed]) -> Iterator[_Pack]:
    """Group files by series, in the order in which they will be read; a series too large for one pack makes more."""
    series: dict[tuple[str, str], list[Placed]] = {}
    for file in files:
        series.setdefault((file.place.study_uid, file.place.series_uid), []).append(file)
    for (study_uid, series_uid), some in sorted(series.items()):
        some.sort(key=lambda file: (file.place.number is None, file.place.number or 0, file.place.sop_uid))
        pack: list[Placed] = []
        size = 0
        for file in some:
            if pack and (len(pack) == _MOST_INSTANCES or size + file.source.size > _MOST_BYTES):
                yield _Pack(study_uid, series_uid, pack)
                pack, size = [], 0
            pack.append(file)
            size += file.source.size
        yield _Pack(study_uid, series_uid, pack)
