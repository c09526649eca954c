"""The port to where files lie: objects of bytes by key, read by stretches, written whole or not at all.

Methods block; they are called from threads that may wait. A reader belongs to one caller at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from beeldpas.domain.errors import Unavailable


@dataclass(frozen=True, slots=True)
class ObjectFacts:
    """An object as the store lists it. `version` is another one when the bytes may be others."""

    key: str
    size: int
    version: str


class Reader(Protocol):
    """A stretch of one object, read front to back."""

    def read_into(self, target: memoryview) -> None:
        """Fill all of `target` with the next bytes.

        Raises: Unavailable("objects") when the store fails or the object is shorter than it was.
        """
        ...

    def read_at_hand(self, target: memoryview) -> int:
        """Put the next bytes that are at hand into `target`, without waiting for any; return how many."""
        ...

    def close(self) -> None:
        """Let go of the object; harmless when repeated."""
        ...


class ObjectStore(Protocol):
    """Where the files lie. Keys use forward slashes."""

    ahead: int
    """How many readers are worth opening before they are needed."""
    is_far: bool
    """Whether reading mostly waits, so that a thread had better read on while something is sent."""

    def check(self) -> None:
        """Raises: Unavailable("objects") when the store cannot be used now."""
        ...

    def listing(self, prefix: str = "") -> Iterator[ObjectFacts]:
        """List every object below a prefix. Raises: Unavailable("objects")."""
        ...

    def open(self, key: str, version: str, start: int, length: int) -> Reader:
        """Open a stretch of an object, of this very version.

        Raises: Unavailable("objects"), not retryable when it is gone ("object_gone") or another ("object_altered").
        """
        ...

    def put(self, key: str, content: BinaryIO, size: int) -> ObjectFacts:
        """Store an object: all of it, or nothing; `content` gives exactly `size` bytes.

        Raises: Unavailable("objects", reason="disk_full") and others; what `content` raises on being read.
        """
        ...

    def remove(self, key: str) -> None:
        """Take an object away for good; one that is not there is no fault. Raises: Unavailable("objects")."""
        ...


def gone() -> Unavailable:
    """Make the error for an object that is not there any more."""
    return Unavailable("objects", retryable=False, reason="object_gone")


def altered() -> Unavailable:
    """Make the error for an object that is another one than the index knows."""
    return Unavailable("objects", retryable=False, reason="object_altered")


def failed() -> Unavailable:
    """Make the error for a store that does not do its part now."""
    return Unavailable("objects", reason="store_failed")


def full() -> Unavailable:
    """Make the error for a store that has no room left."""
    return Unavailable("objects", retryable=False, reason="disk_full")


def no_room_to_read() -> Unavailable:
    """Make the error for a disk of ours, not the store's, that has no room for what is being looked at."""
    return Unavailable("objects", retryable=False, reason="temporary_disk_full")
