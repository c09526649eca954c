"""ZIP files of stored entries, laid out beforehand from names, sizes and CRC-32 values.

Real sizes stand in the local headers (no data descriptors), ZIP64 fields only where a number needs them,
mode 0644: what the archive programs of macOS and Windows open without complaint.

*Source:* PKWARE APPNOTE 6.3.10 §4.3-4.5; ISO/IEC 21320-1 (stored entries, no encryption); DICOM PS3.12 Annex V.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from struct import Struct
from typing import Generic, NamedTuple

from beeldpas.formats.pieces import Pieces, S, length_of

_COMMON = Struct("<5H3I2H")  # what a local header and the central directory both say
_PLACE = Struct("<3H2I")
_END = Struct("<4s4H2IH")
_END64 = Struct("<4sQ2sH2I4Q")
_LOCATOR64 = Struct("<4sIQI")

_MADE_BY_UNIX = bytes((45, 3))
_PLAIN, _ZIP64 = 20, 45
_MODE = 0o100644 << 16
_FULL32, _FULL16 = 0xFFFFFFFF, 0xFFFF
_EARLIEST = datetime(1980, 1, 1)  # noqa: DTZ001 - a ZIP holds local times without a zone
_LATEST = datetime(2107, 12, 31, 23, 59, 58)  # noqa: DTZ001


class Entry(NamedTuple, Generic[S]):
    """One file of the archive. `name` is ASCII with forward slashes; `modified` None means 1980."""

    name: str
    content: bytes | S
    crc32: int
    modified: datetime | None = None


def lay_out(entries: Iterable[Entry[S]]) -> Pieces[S]:
    """Return the whole archive as pieces. Raises: ValueError when two entries have one name."""
    return Pieces(_parts(entries))


def _parts(entries: Iterable[Entry[S]]) -> Iterator[bytes | S]:
    central: list[bytes] = []
    names: set[bytes] = set()
    offset = 0
    for text, content, crc32, modified in entries:
        name, size = text.encode("ascii"), length_of(content)
        header = _local_header(name, size, crc32, modified)
        names.add(name)
        central.append(_central_header(name, size, header, offset))
        yield header
        yield content
        offset += len(header) + size
    if len(names) < len(central):
        raise ValueError("two entries with one name")
    directory = b"".join(central)
    yield directory + _end(len(central), len(directory), offset)


def _local_header(name: bytes, size: int, crc32: int, modified: datetime | None) -> bytes:
    wide = size >= _FULL32
    extra = Struct("<HHQQ").pack(1, 16, size, size) if wide else b""
    shown = _FULL32 if wide else size
    stamp = dos_time(modified)
    fixed = _COMMON.pack(_ZIP64 if wide else _PLAIN, 0, 0, *stamp, crc32, shown, shown, len(name), len(extra))
    return b"PK\x03\x04" + fixed + name + extra


def _central_header(name: bytes, size: int, header: bytes, offset: int) -> bytes:
    """Say again what the local header says, and where that one is."""
    common, extra = header[4:30], b""
    wide_size, wide_offset = size >= _FULL32, offset >= _FULL32
    if wide_size or wide_offset:
        numbers = [size, size] * wide_size + [offset] * wide_offset
        extra = Struct(f"<HH{len(numbers)}Q").pack(1, 8 * len(numbers), *numbers)
        common = _needs_zip64(common, len(extra))
    place = _PLACE.pack(0, 0, 0, _MODE, _FULL32 if wide_offset else offset)
    return b"PK\x01\x02" + _MADE_BY_UNIX + common + place + name + extra


def _needs_zip64(common: bytes, extra: int) -> bytes:
    return _ZIP64.to_bytes(2, "little") + common[2:-2] + extra.to_bytes(2, "little")


def _end(count: int, size: int, offset: int) -> bytes:
    end = _END.pack(
        b"PK\x05\x06", 0, 0, min(count, _FULL16), min(count, _FULL16),
        min(size, _FULL32), min(offset, _FULL32), 0,
    )  # fmt: skip
    if count < _FULL16 and size < _FULL32 and offset < _FULL32:
        return end
    end64 = _END64.pack(b"PK\x06\x06", _END64.size - 12, _MADE_BY_UNIX, _ZIP64, 0, 0, count, count, size, offset)
    return end64 + _LOCATOR64.pack(b"PK\x06\x07", 0, offset + size, 1) + end


@lru_cache(1024)
def dos_time(moment: datetime | None) -> tuple[int, int]:
    """Return time and date as a ZIP writes them: two-second steps, 1980 to 2107, anything else clamped."""
    when = min(max(moment or _EARLIEST, _EARLIEST), _LATEST)
    return (
        when.hour << 11 | when.minute << 5 | when.second // 2,
        (when.year - 1980) << 9 | when.month << 5 | when.day,
    )
