"""Compressed pixels: a list of fragments, and which of them make up which frame.

An offset table that does not point at fragments is no help: a broken one is an error rather than a guess.

*Source:* DICOM PS3.5 Annex A.4 (encapsulated pixel data, basic offset table); PS3.3 §C.7.6.3.1.8 (extended one).
"""

import struct
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from beeldpas.domain.errors import Malformed
from beeldpas.formats.elements import ReadAt

_ITEM, _END = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"
_MOST_FRAGMENTS = 100_000
_BLOCK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Fragment:
    """A run of bytes of the file."""

    start: int
    length: int

    @property
    def end(self) -> int:
        """The place behind it."""
        return self.start + self.length


def read_fragments(read_at: ReadAt, start: int, size: int) -> tuple[list[int], list[Fragment]]:
    """Return the basic offset table and the fragments behind it; `start` is where the table's item begins.

    Raises: Malformed("unreadable") when there are none, too many, or the end is missing.
    """
    head = bytes(read_at(start, 8))
    length = _length(head)
    if head[:4] != _ITEM or length % 4 or length > 4 * _MOST_FRAGMENTS or start + 8 + length > size:
        raise Malformed("unreadable")
    # A reader may give more than it was asked for, since it reads by blocks; less is a file that ends too soon.
    numbers = read_at(start + 8, length)[:length] if length else b""
    if len(numbers) < length:
        raise Malformed("unreadable")
    table = list(struct.unpack(f"<{length // 4}L", numbers))
    fragments: list[Fragment] = []
    at = base = start + 8 + length
    block = read_at(at, _BLOCK)
    while True:
        if at - base + 8 > len(block):
            block, base = read_at(at, _BLOCK), at
        head = bytes(block[at - base : at - base + 8])
        if head[:4] == _END and fragments:
            return table, fragments
        fragment = Fragment(at + 8, _length(head))
        if head[:4] != _ITEM or fragment.end > size or len(fragments) == _MOST_FRAGMENTS:
            raise Malformed("unreadable")
        fragments.append(fragment)
        at = fragment.end


def frames_of(
    fragments: Sequence[Fragment], count: int, offsets: Sequence[int], lengths: Sequence[int] | None
) -> Sequence[Sequence[Fragment]]:
    """Return the fragments of each frame. Offsets count from the first fragment's item; lengths end what is padded.

    Raises: Malformed("unreadable") when it cannot be told which fragment belongs to which frame.
    """
    if not offsets:
        if count == 1:
            return (tuple(fragments),)
        if len(fragments) != count:
            raise Malformed("unreadable")
        return tuple((fragment,) for fragment in fragments)
    if len(offsets) != count or (lengths and len(lengths) != count):
        raise Malformed("unreadable")
    items = [fragment.start - 8 for fragment in fragments]
    firsts = [_index(items, items[0] + offset) for offset in offsets]
    if firsts[0] != 0 or any(one >= other for one, other in pairwise(firsts)):
        raise Malformed("unreadable")
    ends = [*firsts[1:], len(fragments)]
    frames = [tuple(fragments[first:end]) for first, end in zip(firsts, ends, strict=True)]
    return tuple(_cut(frame, lengths[at]) if lengths else frame for at, frame in enumerate(frames))


def _index(items: Sequence[int], place: int) -> int:
    found = bisect_left(items, place)
    if found == len(items) or items[found] != place:
        raise Malformed("unreadable")
    return found


def _cut(frame: tuple[Fragment, ...], length: int) -> tuple[Fragment, ...]:
    """Leave off the padding of a frame of one fragment (an extended table allows no other)."""
    if len(frame) != 1 or not 0 < length <= frame[0].length:
        raise Malformed("unreadable")
    return (Fragment(frame[0].start, length),)


def _length(head: bytes) -> int:
    if len(head) < 8:
        raise Malformed("unreadable")
    return int.from_bytes(head[4:8], "little")
