"""Files that are DICOM and TIFF at once: a slide scanner puts a TIFF header into the preamble, so that other programs
open the same pixels.

Only such a file may keep its preamble, and only when it really is one: the directories that the header leads to lie
behind the DICOM prefix and describe an image whose pixels lie in the file. Anything else there could be a program.

*Source:* DICOM PS3.10 §7.1 (preamble); TIFF 6.0 §2 (header, directories); BigTIFF (8-byte offsets).
"""

import struct
from dataclasses import dataclass
from typing import BinaryIO

_PREFIX_END = 132
_MOST_DIRECTORIES = 64
_MOST_ENTRIES = 512
_MOST_VALUES = 1_000_000
_WIDTH, _LENGTH = 256, 257
_OFFSETS = {273: 279, 324: 325}  # of strips and of tiles, each with the tag of their lengths
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_NUMBERS = {1: "B", 3: "H", 4: "L", 13: "L", 16: "Q", 18: "Q"}


@dataclass(frozen=True, slots=True)
class _Flavour:
    """How numbers are written: byte order, and struct letters of the count of entries and of an offset."""

    order: str
    count: str
    offset: str

    @property
    def entry(self) -> struct.Struct:
        return struct.Struct(f"{self.order}HH{self.offset}{struct.calcsize('<' + self.offset)}s")


@dataclass(frozen=True, slots=True)
class _Value:
    """An entry of a directory: what kind its values are, how many, and where they stand when not in the entry."""

    kind: int
    count: int
    inline: bytes


def is_dual_tiff(file: BinaryIO, size: int) -> bool:
    """Say whether a Part 10 file of `size` bytes is a whole TIFF as well."""
    file.seek(0)
    flavour, at = _header(file.read(128))
    if flavour is None:
        return False
    seen: set[int] = set()
    try:
        while at:
            if at in seen or at < _PREFIX_END or len(seen) == _MOST_DIRECTORIES:
                return False
            seen.add(at)
            entries, at = _directory(file, flavour, at, size)
            if not _is_image(file, flavour, entries, size):
                return False
    except (struct.error, ValueError, KeyError, OverflowError):
        return False
    return bool(seen)


def _header(preamble: bytes) -> tuple[_Flavour | None, int]:
    """Return what a preamble leads to; there may be nothing in it but the header."""
    order = {b"II": "<", b"MM": ">"}.get(preamble[:2])
    if order is None or len(preamble) < 128:
        return None, 0
    (version,) = struct.unpack_from(f"{order}H", preamble, 2)
    if version == 42 and not any(preamble[8:]):
        return _Flavour(order, "H", "L"), struct.unpack_from(f"{order}L", preamble, 4)[0]
    if version == 43 and struct.unpack_from(f"{order}HH", preamble, 4) == (8, 0) and not any(preamble[16:]):
        return _Flavour(order, "Q", "Q"), struct.unpack_from(f"{order}Q", preamble, 8)[0]
    return None, 0


def _directory(file: BinaryIO, flavour: _Flavour, at: int, size: int) -> tuple[dict[int, _Value], int]:
    """Read a directory; return its entries and where the next one is (0: nowhere)."""
    (count,) = _numbers(file, flavour.order, flavour.count, at, 1, size)
    if not 0 < count <= _MOST_ENTRIES:
        raise ValueError("no directory")
    at += struct.calcsize("<" + flavour.count)
    entries = {}
    for _ in range(count):
        tag, kind, number, inline = flavour.entry.unpack(_stretch(file, at, flavour.entry.size, size))
        entries[tag] = _Value(kind, number, inline)
        at += flavour.entry.size
    return entries, _numbers(file, flavour.order, flavour.offset, at, 1, size)[0]


def _is_image(file: BinaryIO, flavour: _Flavour, entries: dict[int, _Value], size: int) -> bool:
    """Say whether a directory describes an image whose pixels all lie behind the prefix and within the file."""
    if _WIDTH not in entries or _LENGTH not in entries:
        return False
    for value in entries.values():
        _place(flavour, value, size)
    for starts, lengths in _OFFSETS.items():
        if starts in entries and lengths in entries:
            first, sizes = (_values(file, flavour, entries[tag], size) for tag in (starts, lengths))
            return len(first) == len(sizes) > 0 and all(
                start >= _PREFIX_END and start + length <= size for start, length in zip(first, sizes, strict=True)
            )
    return False


def _values(file: BinaryIO, flavour: _Flavour, value: _Value, size: int) -> tuple[int, ...]:
    if value.count > _MOST_VALUES:
        raise ValueError("more than any image has")
    letter, at = _NUMBERS[value.kind], _place(flavour, value, size)
    if at is None:
        return struct.unpack_from(f"{flavour.order}{value.count}{letter}", value.inline)
    return _numbers(file, flavour.order, letter, at, value.count, size)


def _place(flavour: _Flavour, value: _Value, size: int) -> int | None:
    """Return where the values of an entry stand; None when within the entry. Raises: ValueError outside the file."""
    length = _SIZES[value.kind] * value.count
    if length <= len(value.inline):
        return None
    (at,) = struct.unpack(flavour.order + flavour.offset, value.inline)
    if at < _PREFIX_END or at + length > size:
        raise ValueError("outside the file")
    return int(at)


def _numbers(file: BinaryIO, order: str, letter: str, at: int, count: int, size: int) -> tuple[int, ...]:
    return struct.unpack(f"{order}{count}{letter}", _stretch(file, at, count * struct.calcsize("<" + letter), size))


def _stretch(file: BinaryIO, at: int, length: int, size: int) -> bytes:
    if at + length > size:
        raise ValueError("outside the file")
    file.seek(at)
    return file.read(length)
