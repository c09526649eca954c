"""The blocking half of the pump: stretches of objects, read front to back and checked, one open for all that lie
back to back in one object.

A series pack gives thousands of files by one open (one GET of an S3 server), whatever headers stand between them in
an archive. What comes next is opened ahead where opening takes time. The CRC-32 of every stretch that is sent whole
is checked before its last byte is let go; one that is sent in part is read and checked as a whole first.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import NamedTuple

from isal.isal_zlib import crc32

from beeldpas.domain.errors import Unavailable
from beeldpas.formats.dicom import without_preamble
from beeldpas.formats.pieces import Slice
from beeldpas.gateway.objects.port import ObjectStore, Reader, altered

_MOST_SLICES = 4096
_CHECKED_FOR_A_PART = 32 * 1024 * 1024
_CHECK_BYTES = 1024 * 1024


class Stored(NamedTuple):
    """A stretch of an object as it is served; `crc32` is of what is served. `is_dicom`: its preamble is zeroed."""

    key: str
    version: str
    start: int
    length: int
    crc32: int
    is_dicom: bool = True


@dataclass(slots=True)
class _Run:
    """Slices that one open object can give, with the generated ones between and behind them."""

    slices: deque[Slice[Stored]] = field(default_factory=deque)
    first: Stored | None = None
    start: int = 0
    stop: int = 0

    def add(self, part: Slice[Stored]) -> bool:
        """Take a slice in; False when it lies elsewhere or the run is long enough."""
        source = part.source
        if isinstance(source, Stored):
            begin = source.start + part.start
            if self.first is None:
                self.first, self.start = source, begin
            elif not self._goes_on(source, begin):
                return False
            self.stop = begin + part.length
        self.slices.append(part)
        return True

    def _goes_on(self, source: Stored, begin: int) -> bool:
        first = self.first
        assert first is not None  # noqa: S101  (asked only of a run that has one)
        same = (source.key, source.version) == (first.key, first.version)
        return same and begin == self.stop and len(self.slices) < _MOST_SLICES


def _runs(slices: Iterable[Slice[Stored]]) -> Iterator[_Run]:
    run = _Run()
    for part in slices:
        if not run.add(part):
            yield run
            run = _Run()
            run.add(part)
    if run.slices:
        yield run


class Reading:
    """Reads slices in order, once, for one thread at a time."""

    def __init__(self, store: ObjectStore, opens: Executor, slices: Iterable[Slice[Stored]]) -> None:
        self._store = store
        self._opens = opens
        self._runs = _runs(slices)
        self._coming: deque[tuple[_Run, Future[Reader | None]]] = deque()
        self._run = _Run()
        self._reader: Reader | None = None
        self._at = 0
        self._crc = 0

    def fill(self, room: memoryview, filled: int = 0, *, wait: bool = True) -> int:
        """Fill `room` from `filled` on with what comes next: all of it, or only what is at hand.

        Return how far it is filled. Raises: Unavailable("objects").
        """
        while filled < len(room):
            if not self._run.slices and not self._go_on(wait):
                return filled
            current = self._run.slices[0]
            target = room[filled : filled + current.length - self._at]
            got = self._read(current, target, wait)
            filled += got
            self._at += got
            if self._at == current.length:
                self._finish(current)
            elif got < len(target):
                return filled
        return filled

    def close(self) -> None:
        """Let go of every object, those too that are still being opened."""
        self._let_go()
        for _, opening in self._coming:
            if not opening.cancel():
                opening.add_done_callback(_close_late)
        self._coming.clear()

    def _go_on(self, wait: bool) -> bool:
        """Make the next run the current one; False when its opening would have to be waited for."""
        self._let_go()
        while len(self._coming) <= self._store.ahead and (run := next(self._runs, None)):
            self._coming.append((run, self._opening(run)))
        run, opening = self._coming[0]
        if not wait and not opening.done():
            return False
        self._coming.popleft()
        self._run, self._reader = run, opening.result()
        return True

    def _opening(self, run: _Run) -> "Future[Reader | None]":
        if self._store.ahead:
            return self._opens.submit(self._open, run)
        opened: Future[Reader | None] = Future()
        opened.set_result(self._open(run))
        return opened

    def _open(self, run: _Run) -> Reader | None:
        return self._open_from(run.start, run) if run.first else None

    def _open_from(self, start: int, run: _Run) -> Reader:
        assert run.first is not None  # noqa: S101  (asked only of a run that has one)
        return self._store.open(run.first.key, run.first.version, start, run.stop - start)

    def _read(self, current: Slice[Stored], target: memoryview, wait: bool) -> int:
        source, begin = current.source, current.start + self._at
        if isinstance(source, bytes):
            target[:] = source[begin : begin + len(target)]
            return len(target)
        if not self._at and not current.is_whole:
            if not wait:
                return 0
            self._check_whole(source)
        assert self._reader is not None  # noqa: S101  (opened with the run)
        got = self._reader.read_at_hand(target)
        if wait and got < len(target):
            self._read_stored(source.start + begin + got, target[got:])
            got = len(target)
        if source.is_dicom:
            without_preamble(begin, target[:got])
        self._crc = crc32(target[:got], self._crc)
        return got

    def _check_whole(self, source: Stored) -> None:
        """Check all of a stretch of which only a part is sent, as at both ends of a range.

        So no range of an altered file goes out either. What is too large for that has its version checked only.
        """
        if source.length > _CHECKED_FOR_A_PART:
            return
        reader, crc = self._store.open(source.key, source.version, source.start, source.length), 0
        chunk = memoryview(bytearray(min(source.length, _CHECK_BYTES)))
        try:
            for start in range(0, source.length, _CHECK_BYTES):
                part = chunk[: source.length - start]
                reader.read_into(part)
                if source.is_dicom:
                    without_preamble(start, part)
                crc = crc32(part, crc)
        finally:
            reader.close()
        if crc != source.crc32:
            raise altered()

    def _read_stored(self, start: int, target: memoryview) -> None:
        """Read on; a store that gave up half-way (a slow receiver outlasts many a time limit) is asked once more."""
        assert self._reader is not None  # noqa: S101  (opened with the run)
        try:
            self._reader.read_into(target)
        except Unavailable as error:
            if not error.retryable:
                raise
            self._let_go()
            self._reader = self._open_from(start, self._run)
            self._reader.read_into(target)

    def _finish(self, current: Slice[Stored]) -> None:
        source = current.source
        if isinstance(source, Stored) and current.is_whole and self._crc != source.crc32:
            raise altered()
        self._run.slices.popleft()
        self._at = self._crc = 0

    def _let_go(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None


def _close_late(opening: "Future[Reader | None]") -> None:
    if not opening.cancelled() and opening.exception() is None and (reader := opening.result()):
        reader.close()
