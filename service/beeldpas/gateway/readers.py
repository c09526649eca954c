"""Reading many files at once: processes that parse, so that every core helps and a hostile file harms none of ours.

A process that a file brings down, or that needs more memory than any honest file does, costs that file alone.
"""

import asyncio
import multiprocessing
import os
import resource
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from beeldpas.domain.errors import Malformed
from beeldpas.formats.dual_tiff import is_dual_tiff
from beeldpas.formats.place import Place, glance, place_of
from beeldpas.gateway.packs import Source
from beeldpas.gateway.scan import Checksums, Described, describe, served_checksums

_MEMORY_BYTES = 4 * 1024**3
_MOST_PROCESSES = 8
_AT_ONCE = 16
_WORTH_PROCESSES = 128
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Placed:
    """A file and where it belongs."""

    source: Source
    place: Place


def placed(path: Path, *, keep_tiff: bool = False) -> Placed:
    """Look where a file belongs, closely when a glance does not tell. Raises: Malformed, OSError."""
    with path.open("rb") as file:
        found = os.fstat(file.fileno())
        try:
            place = glance(file, found.st_size)
        except Malformed:
            place = place_of(describe(file, found.st_size).instance)
        keeps_preamble = keep_tiff and is_dual_tiff(file, found.st_size)
    return Placed(Source(path, found.st_size, found.st_mtime_ns, place.sop_uid, keeps_preamble), place)


def described(path: Path, *, keep_tiff: bool = False) -> Described:
    """Read the header of a file. Raises: Malformed, OSError."""
    with path.open("rb") as file:
        return describe(file, os.fstat(file.fileno()).st_size, keep_tiff=keep_tiff)


def summed(path: Path, *, keep_tiff: bool = False) -> Checksums:
    """Compute the checksums of a file as it would be served. Raises: Malformed, OSError."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        return served_checksums(file, size, keeps_preamble=keep_tiff and is_dual_tiff(file, size))


class Readers:
    """Processes that read files, started when there are many."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    async def each(self, read: Callable[[Path], T], paths: Sequence[Path]) -> list[T | str]:
        """Read every file; return what was found, or why it cannot be read, in their order."""
        if self._pool is None and len(paths) < _WORTH_PROCESSES:
            return await asyncio.to_thread(_read_some, read, paths)
        batches = [paths[start : start + _AT_ONCE] for start in range(0, len(paths), _AT_ONCE)]
        waiting = [self._submit(read, batch) for batch in batches]
        found: list[T | str] = []
        for batch, future in zip(batches, waiting, strict=True):
            try:
                some: list[T | str] = await asyncio.wrap_future(future)
                found += some
            except BrokenProcessPool:
                found += await self._one_by_one(read, batch)
        return found

    def close(self) -> None:
        """Let the processes end."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    async def _one_by_one(self, read: Callable[[Path], T], paths: Sequence[Path]) -> list[T | str]:
        """Find the file that brought a process down."""
        found: list[T | str] = []
        for path in paths:
            try:
                alone: list[T | str] = await asyncio.wrap_future(self._submit(read, [path]))
                found += alone
            except BrokenProcessPool:
                found.append("unreadable")
        return found

    def _submit(self, read: Callable[[Path], T], paths: Sequence[Path]) -> "Future[list[T | str]]":
        if self._pool is None:
            self._pool = _start()
        try:
            return self._pool.submit(_read_some, read, paths)
        except BrokenProcessPool:
            self.close()
            self._pool = _start()
            return self._pool.submit(_read_some, read, paths)


def _start() -> ProcessPoolExecutor:
    count = min(len(os.sched_getaffinity(0)), _MOST_PROCESSES)
    return ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), _limit)


def _limit() -> None:
    """Bound a process, and leave Ctrl-C to the one that asked."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _read_some(read: Callable[[Path], T], paths: Sequence[Path]) -> list[T | str]:
    return [_read_one(read, path) for path in paths]


def _read_one(read: Callable[[Path], T], path: Path) -> T | str:
    try:
        return read(path)
    except Malformed as error:
        return error.reason
    except MemoryError:
        return "too_large"
    except OSError:
        return "unreadable"
