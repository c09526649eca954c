"""Bytes on their way out: pieces read from the store, checked, and joined into chunks of one size.

Small files share a chunk. What the page cache holds is read at once; anything that would wait is read by a thread.
The CRC-32 of every stored piece is checked before its last byte is let go: a changed object ends the transfer
early, so that what arrived cannot pass for a whole archive.
"""

import asyncio
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from sys import getrefcount

from isal.isal_zlib import crc32

from beeldpas.formats.dicom import without_preamble
from beeldpas.formats.pieces import Pieces, Slice
from beeldpas.gateway.objects.port import ObjectStore, Reader, altered

CHUNK_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Stored:
    """A stretch of an object as it is served; `crc32` is of what is served. `is_dicom`: its preamble is zeroed."""

    key: str
    version: str
    start: int
    length: int
    crc32: int
    is_dicom: bool = True


class Threads:
    """Threads that read, and others that open: a reader may wait for an opener, never the other way round."""

    def __init__(self, count: int = 16) -> None:
        self.reads = ThreadPoolExecutor(count, "read")
        self.opens = ThreadPoolExecutor(count, "open")

    def close(self) -> None:
        """Let the threads end when they are done."""
        self.reads.shutdown(wait=False, cancel_futures=True)
        self.opens.shutdown(wait=False, cancel_futures=True)


class _Rooms:
    """Chunks that are filled again once nobody holds them: fresh memory costs more than reading into it.

    The server keeps a reference to what it has not written yet, so the count of references tells.
    """

    _FREE = 3  # the list, the variable below, and the argument of getrefcount

    def __init__(self) -> None:
        self._rooms: list[bytearray] = []

    def take(self, length: int) -> memoryview:
        """Return room that nobody else uses."""
        for room in self._rooms:
            if getrefcount(room) == self._FREE and len(room) >= length:
                return memoryview(room)[:length]
        self._rooms.append(bytearray(length))
        return memoryview(self._rooms[-1])


class Pump:
    """Reads bytes `start` to `stop` of a body, in order, once."""

    def __init__(self, store: ObjectStore, threads: Threads, pieces: Pieces[Stored], start: int, stop: int) -> None:
        self._store = store
        self._threads = threads
        self._slices = pieces.between(start, stop)
        self._left = stop - start
        self._rooms = _Rooms()
        self._coming: deque[tuple[Slice[Stored], Future[Reader] | None]] = deque()
        self._slice: Slice[Stored] | None = None
        self._reader: Reader | None = None
        self._work: Future[int] | None = None
        self._at = 0
        self._crc = 0

    async def next(self) -> memoryview | None:
        """Give the next chunk, or None after the last. Raises: Unavailable("objects") when it is not to be had."""
        if not self._left:
            return None
        room = self._rooms.take(min(CHUNK_BYTES, self._left))
        filled = self._fill(room, 0, wait=False)
        if filled < len(room):
            self._work = self._threads.reads.submit(self._fill, room, filled, True)
            await asyncio.wrap_future(self._work)
        self._left -= len(room)
        return room

    def close(self) -> None:
        """Let go of every object, once no thread reads it: a descriptor closed too early can name another file."""
        if self._work is None or self._work.cancel() or self._work.done():
            self._close_all()
        else:
            self._work.add_done_callback(lambda _: self._close_all())

    def _close_all(self) -> None:
        self._close_reader()
        for _, opening in self._coming:
            if opening is not None and not opening.cancel():
                opening.add_done_callback(_close_late)
        self._coming.clear()

    def _fill(self, room: memoryview, filled: int, wait: bool) -> int:
        """Fill `room` from `filled` on; without waiting, as far as it goes. Return how far it is filled."""
        while filled < len(room):
            current = self._slice or self._next(wait)
            if current is None:
                return filled
            target = room[filled : filled + current.length - self._at]
            got = self._take(current, target, wait)
            filled += got
            self._at += got
            if self._at == current.length:
                self._finish(current)
            elif got < len(target):
                return filled
        return filled

    def _next(self, wait: bool) -> Slice[Stored] | None:
        """Make the next slice the current one; None when its reader would have to be waited for."""
        while len(self._coming) <= self._store.ahead and (following := next(self._slices, None)):
            self._coming.append((following, self._open_ahead(following)))
        current, opening = self._coming[0]
        if opening is not None:
            if not wait and not opening.done():
                return None
            self._reader = opening.result()
        elif isinstance(current.source, Stored):
            self._reader = self._open(current.source, current)
        self._coming.popleft()
        self._slice, self._at, self._crc = current, 0, 0
        return current

    def _open_ahead(self, following: Slice[Stored]) -> "Future[Reader] | None":
        if not self._store.ahead or not isinstance(following.source, Stored):
            return None
        return self._threads.opens.submit(self._open, following.source, following)

    def _open(self, source: Stored, part: Slice[Stored]) -> Reader:
        return self._store.open(source.key, source.version, source.start + part.start, part.length)

    def _take(self, current: Slice[Stored], target: memoryview, wait: bool) -> int:
        source, begin = current.source, current.start + self._at
        if isinstance(source, bytes):
            target[:] = source[begin : begin + len(target)]
            return len(target)
        reader = self._reader
        assert reader is not None  # noqa: S101  (opened by _next)
        got = reader.read_at_hand(target)
        if wait and got < len(target):
            reader.read_into(target[got:])
            got = len(target)
        if source.is_dicom:
            without_preamble(begin, target[:got])
        self._crc = crc32(target[:got], self._crc)
        return got

    def _finish(self, current: Slice[Stored]) -> None:
        self._close_reader()
        self._slice = None
        if isinstance(current.source, Stored) and current.is_whole and self._crc != current.source.crc32:
            raise altered()

    def _close_reader(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None


def _close_late(opening: "Future[Reader]") -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()
