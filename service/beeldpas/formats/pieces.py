"""A body of known length that is made of small generated parts and of stretches kept elsewhere.

A ZIP and a multipart answer are both such a body: everything about them is known before one byte of image
is read, so a length, an entity tag and any range of it can be told from an index alone.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Generic, Protocol, TypeVar


class Sized(Protocol):
    """A stretch kept elsewhere: it knows how many bytes it will give."""

    @property
    def length(self) -> int:
        """Bytes."""
        ...


S = TypeVar("S", bound=Sized)


@dataclass(frozen=True, slots=True)
class Slice(Generic[S]):
    """Part of one piece: `length` bytes from `start` of `source`."""

    source: bytes | S
    start: int
    length: int

    @property
    def is_whole(self) -> bool:
        """Whether this is all of the piece."""
        return self.start == 0 and self.length == length_of(self.source)


def length_of(source: bytes | S) -> int:
    """Return how many bytes a piece gives."""
    return len(source) if isinstance(source, bytes) else source.length


class Pieces(Generic[S]):
    """Pieces back to back; empty ones are dropped."""

    __slots__ = ("_starts", "sources", "total")

    def __init__(self, sources: Iterable[bytes | S]) -> None:
        self.sources = [source for source in sources if length_of(source)]
        ends = array("Q", accumulate(map(length_of, self.sources), initial=0))
        self.total = ends.pop()
        self._starts = ends

    def between(self, start: int, stop: int) -> Iterator[Slice[S]]:
        """Give the slices that make up bytes `start` up to (not including) `stop`, in order."""
        index = bisect_right(self._starts, start) - 1
        while start < stop:
            source, first = self.sources[index], self._starts[index]
            end = min(stop, first + length_of(source))
            yield Slice(source, start - first, end - start)
            start, index = end, index + 1
