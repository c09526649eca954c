"""Which bytes of a file are which frame, without decoding one.

Native frames lie back to back, so their places are computed. Compressed ones are found by the basic or the extended
offset table, or by walking over the fragments. A place outside the pixels is never given.

*Source:* DICOM PS3.5 §8 and Annex A.4 (encapsulation); PS3.3 §C.7.6.3 (image pixel), §C.7.6.6 (multi-frame).
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from beeldpas.domain.errors import Malformed
from beeldpas.formats.elements import UNDEFINED, Element, ReadAt, Walk
from beeldpas.formats.fragments import Fragment, frames_of, read_fragments

_TAGS = {
    0x00280002: "samples",
    0x00280004: "photometric",
    0x00280008: "frames",
    0x00280010: "rows",
    0x00280011: "columns",
    0x00280100: "bits",
}
_PIXELS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
_OFFSETS, _LENGTHS = 0x7FE00001, 0x7FE00002
_MOST_FRAMES = 100_000


@dataclass(frozen=True, slots=True)
class Shape:
    """What the header says of the pixels; `bits` are those that are allocated for a sample."""

    rows: int
    columns: int
    samples: int
    bits: int
    frames: int
    photometric: str

    @property
    def frame_bits(self) -> int:
        """How many bits a native frame has."""
        samples = 2 if self.photometric == "YBR_FULL_422" and self.samples == 3 else self.samples
        return self.rows * self.columns * samples * self.bits

    @property
    def decoded_bytes(self) -> int:
        """How much memory all frames take once they are decoded."""
        return self.rows * self.columns * self.samples * max(1, self.bits // 8) * self.frames


@dataclass(frozen=True, slots=True)
class Pixels:
    """The pixels of one file: where their element begins, and one native run or the fragments of each frame."""

    shape: Shape
    element: int
    start: int
    length: int
    encapsulated: Sequence[Sequence[Fragment]] | None

    def stretches(self, number: int) -> Sequence[Fragment]:
        """Return where the bytes of a frame are, the first frame being 1; native bits: see `bit_shift`.

        Raises: Malformed("frame_number").
        """
        if not 1 <= number <= self.shape.frames:
            raise Malformed("frame_number")
        if self.encapsulated is not None:
            return self.encapsulated[number - 1]
        bits = self.shape.frame_bits
        first, end = (number - 1) * bits // 8, (number * bits + 7) // 8
        return (Fragment(self.start + first, end - first),)

    def bit_shift(self, number: int) -> int:
        """Return how many bits of the first byte belong to the frame before (frames of single bits only)."""
        return 0 if self.encapsulated is not None else (number - 1) * self.shape.frame_bits % 8


def locate(read_at: ReadAt, transfer_syntax: str, size: int, compressed: bool) -> Pixels:
    """Find the pixels of a little-endian file of `size` bytes.

    Raises: Malformed("no_pixels") when it is no image, ("unreadable") when its parts do not fit together.
    """
    walk, found, tables = Walk(read_at, transfer_syntax), {}, {}
    for element in walk.elements(_TAGS.keys()):
        if element.tag in _TAGS:
            found[_TAGS[element.tag]] = walk.value(element)
        elif element.tag in {_OFFSETS, _LENGTHS}:
            tables[element.tag] = _numbers(walk, element, size)
        elif element.tag in _PIXELS:
            shape = _shape(found)
            if compressed:
                return _encapsulated(read_at, shape, element, size, tables)
            return _native(shape, element, size)
    raise Malformed("no_pixels")


def without_shift(content: bytes | memoryview, shift: int, bits: int) -> bytes:
    """Move a frame of single bits to the beginning of its first byte."""
    whole = int.from_bytes(content, "little") >> shift & (1 << bits) - 1
    return whole.to_bytes((bits + 7) // 8, "little")


def _shape(found: dict[str, bytes]) -> Shape:
    try:
        numbers = {name: struct.unpack("<H", found[name][:2])[0] for name in ("rows", "columns", "bits")}
        samples = struct.unpack("<H", found.get("samples", b"\1\0")[:2])[0]
        frames = int(found.get("frames", b"").strip(b" \0") or 1)
    except (KeyError, ValueError, struct.error) as error:
        raise Malformed("unreadable") from error
    if not 0 < frames <= _MOST_FRAMES or 0 in numbers.values() or samples not in {1, 3, 4}:
        raise Malformed("unreadable")
    photometric = found.get("photometric", b"").strip(b" \0").decode("ascii", "replace")
    return Shape(samples=samples, frames=frames, photometric=photometric, **numbers)


def _native(shape: Shape, element: Element, size: int) -> Pixels:
    needed = (shape.frame_bits * shape.frames + 7) // 8
    if element.length == UNDEFINED or element.start + element.length > size or needed > element.length:
        raise Malformed("unreadable")
    return Pixels(shape, element.head, element.start, element.length, None)


def _encapsulated(read_at: ReadAt, shape: Shape, element: Element, size: int, tables: dict[int, list[int]]) -> Pixels:
    if element.length != UNDEFINED:
        raise Malformed("unreadable")
    basic, fragments = read_fragments(read_at, element.start, size)
    frames = frames_of(fragments, shape.frames, tables.get(_OFFSETS) or basic, tables.get(_LENGTHS))
    return Pixels(shape, element.head, element.start, fragments[-1].end - element.start, frames)


def _numbers(walk: Walk, element: Element, size: int) -> list[int]:
    """Read a table of 64-bit numbers."""
    if element.length % 8 or element.length > 8 * _MOST_FRAMES or element.start + element.length > size:
        raise Malformed("unreadable")
    content = walk.value(element, most=element.length)
    if len(content) < element.length:
        raise Malformed("unreadable")
    return list(struct.unpack(f"<{element.length // 8}Q", content))
