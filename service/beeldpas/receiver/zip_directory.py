"""Reading what a ZIP says of its contents, as if whoever made it meant harm.

The whole directory is bounded before it is read. Where it is missing, because the download broke off, the headers
before each file tell how far it came.

*Source:* PKWARE APPNOTE 6.3.10 §4.3.7 (local header), §4.3.12 (directory), §4.3.14-16 (its end), §4.5.3 (ZIP64).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from os import SEEK_END
from struct import Struct, error, unpack_from
from typing import BinaryIO

from beeldpas.domain.errors import Malformed
from beeldpas.receiver.port import MOST_FILES, Fault, Member

LOCAL = Struct("<4s5H3I2H")
_CENTRAL = Struct("<4s6H3I5H2I")
_END = Struct("<4s4H2IH")
_END64 = Struct("<4sQ2H2I4Q")
_LOCATOR64 = Struct("<4sIQI")
_LARGEST_COMMENT = 65_535
_LARGEST_DIRECTORY = 64 * 1024 * 1024
_FULL32, _FULL16 = 0xFFFFFFFF, 0xFFFF
_UTF8, _SIZES_FOLLOW = 1 << 11, 1 << 3


@dataclass(frozen=True, slots=True)
class Entry(Member):
    """A file in a ZIP: where its local header is, how many bytes it takes there, and how it was packed."""

    raw_name: bytes
    offset: int
    packed: int
    method: int
    flags: int


@dataclass(frozen=True, slots=True)
class Directory:
    """What a ZIP holds, and what is wrong with it. `end` is where the last file has to stop."""

    entries: tuple[Entry, ...]
    faults: tuple[Fault, ...]
    end: int


@dataclass(frozen=True, slots=True)
class _End:
    count: int
    size: int
    start: int
    shift: int
    faults: tuple[Fault, ...]


def read_directory(file: BinaryIO) -> Directory:
    """Return what a ZIP holds. Raises: Malformed("zip") when it is none, ("zip_too_large")."""
    size = file.seek(0, SEEK_END)
    try:
        end = _find_end(file, size)
        if end is None:
            return _as_far_as_it_goes(file, size, Fault("broken_off"))
        file.seek(end.start)
        entries = tuple(_entries(file.read(end.size), end.shift))
        if len(entries) % (_FULL16 + 1) != end.count % (_FULL16 + 1):
            raise IndexError
    except (error, IndexError):
        return _as_far_as_it_goes(file, size, Fault("directory"))
    return Directory(entries, end.faults, end.start)


def _find_end(file: BinaryIO, size: int) -> _End | None:
    start = max(0, size - _END.size - _LARGEST_COMMENT)
    file.seek(start)
    tail = file.read(size - start)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        return None
    _, disk, _, _, count, length, offset, comment = _END.unpack_from(tail, at)
    stop = start + at
    if count == _FULL16 or _FULL32 in (length, offset):
        file.seek(max(0, stop - _LOCATOR64.size - _END64.size))
        wide = file.read(_END64.size + _LOCATOR64.size)
        if wide[:4] == b"PK\x06\x06" and wide[_END64.size :][:4] == b"PK\x06\x07":
            *_, count, length, offset = _END64.unpack_from(wide)
            stop -= _LOCATOR64.size + _END64.size
    if disk or stop - length < offset or count * _CENTRAL.size > length:
        raise IndexError
    if length > _LARGEST_DIRECTORY or count > MOST_FILES:
        raise Malformed("zip_too_large")
    shift = stop - length - offset
    faults = [Fault("in_front")] * (shift > 0) + [Fault("behind")] * (len(tail) != at + _END.size + comment)
    return _End(count, length, stop - length, shift, tuple(faults))


def _entries(directory: bytes, shift: int) -> Iterator[Entry]:
    at, count = 0, 0
    while at < len(directory):
        count += 1
        fixed = _CENTRAL.unpack_from(directory, at)
        if fixed[0] != b"PK\x01\x02" or count > MOST_FILES:
            raise IndexError
        _, _, _, flags, method, _, _, _, packed, size, name_length, extra_length, comment, *_, offset = fixed
        name_at = at + _CENTRAL.size
        extra_at = name_at + name_length
        name = directory[name_at:extra_at]
        size, packed, offset = _widened(directory[extra_at : extra_at + extra_length], size, packed, offset)
        yield Entry(_decoded(name, flags), size, name, offset + shift, packed, method, flags)
        at = extra_at + extra_length + comment


def _widened(extra: bytes, *numbers: int) -> tuple[int, ...]:
    """Put the ZIP64 values in place of the numbers that say: look there."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = unpack_from("<HH", extra, at)
        if at + 4 + length > len(extra):
            break
        if kind == 1:
            wide = iter(unpack_from(f"<{length // 8}Q", extra, at + 4))
            return tuple(next(wide, number) if number == _FULL32 else number for number in numbers)
        at += 4 + length
    return numbers


def _as_far_as_it_goes(file: BinaryIO, size: int, why: Fault) -> Directory:
    """Walk from file to file in a ZIP without a directory that can be read; an incomplete last file is left out."""
    entries: list[Entry] = []
    at = 0
    while at + LOCAL.size <= size and len(entries) < MOST_FILES:
        file.seek(at)
        sign, _, flags, method, _, _, _, packed, length, name_length, extra_length = LOCAL.unpack(
            file.read(LOCAL.size)
        )
        if sign != b"PK\x03\x04" or flags & _SIZES_FOLLOW:
            break
        name, extra = file.read(name_length), file.read(extra_length)
        length, packed = _widened(extra, length, packed)
        following = at + LOCAL.size + name_length + extra_length + packed
        if following > size:
            break
        entries.append(Entry(_decoded(name, flags), length, name, at, packed, method, flags))
        at = following
    if not at:
        raise Malformed("zip")
    return Directory(tuple(entries), (why,), at)


def _decoded(name: bytes, flags: int) -> str:
    return name.decode("utf-8" if flags & _UTF8 else "cp437", "replace").replace("\\", "/")
