# ruff: noqa: DTZ001  (a ZIP holds local times, without a zone)
"""ZIP files laid out beforehand, read back by Python's own reader."""

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from struct import unpack_from
from zipfile import ZipFile
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beeldpas.formats.pieces import Pieces
from beeldpas.formats.zip import Entry, dos_time, lay_out

MAY_3 = datetime(2026, 5, 3, 10, 15, 42)
GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Huge:
    """A stretch that nobody writes out."""

    length: int


def entry(name: str, content: bytes) -> Entry[Huge]:
    return Entry(name, content, crc32(content), MAY_3)


def written(pieces: Pieces[Huge]) -> bytes:
    return b"".join(source for source in pieces.sources if isinstance(source, bytes))


@given(
    st.dictionaries(st.from_regex(r"[A-Z0-9_]{1,8}(/[A-Z0-9_]{1,8}){0,3}", fullmatch=True), st.binary(max_size=60))
)
def test_python_reads_back_what_was_laid_out(files):
    archive = ZipFile(BytesIO(written(lay_out(entry(*item) for item in files.items()))))
    assert archive.testzip() is None
    assert {info.filename: archive.read(info) for info in archive.infolist()} == files


def test_entries_are_stored_with_real_sizes_and_ordinary_permissions():
    pieces = lay_out([entry("DICOM/A", b"abc")])
    (info,) = ZipFile(BytesIO(written(pieces))).infolist()
    local = written(pieces)
    assert (info.compress_type, info.flag_bits, info.external_attr >> 16) == (0, 0, 0o100644)
    assert (info.date_time, info.create_system) == ((2026, 5, 3, 10, 15, 42), 3)
    assert unpack_from("<III", local, 14) == (crc32(b"abc"), 3, 3)


def test_small_archives_have_no_zip64_fields():
    content = written(lay_out([entry("A", b"abc"), entry("B", b"")]))
    assert b"PK\x06\x06" not in content
    assert all(info.extra == b"" for info in ZipFile(BytesIO(content)).infolist())


def test_only_numbers_that_need_it_get_zip64():
    large = Entry("LARGE", Huge(5 * GIB), 1, MAY_3)
    before, after, _, central = lay_out([entry("A", b"a"), large, entry("Z", b"z")]).sources[::2]
    assert isinstance(before, bytes) and isinstance(after, bytes) and isinstance(central, bytes)
    assert unpack_from("<H", before, 28) == (0,)
    assert unpack_from("<II", after, 18) == (0xFFFFFFFF, 0xFFFFFFFF)
    assert unpack_from("<HHQQ", after, 30 + 5) == (1, 16, 5 * GIB, 5 * GIB)
    assert b"PK\x06\x06" in central


def test_an_offset_beyond_4_gib_is_told_in_zip64_and_the_size_is_not():
    large = Entry("LARGE", Huge(5 * GIB), 1, MAY_3)
    central = lay_out([large, entry("Z", b"zz")]).sources[-1]
    assert isinstance(central, bytes)
    at = central.index(b"PK\x01\x02", 4)
    size, extra, offset = unpack_from("<I", central, at + 24), unpack_from("<H", central, at + 30), at + 42
    assert (size, extra) == ((2,), (12,))
    assert unpack_from("<I", central, offset) == (0xFFFFFFFF,)
    assert unpack_from("<HHQ", central, at + 46 + 1) == (1, 8, 30 + 5 + 20 + 5 * GIB)


def test_more_than_65534_entries_need_zip64():
    content = written(lay_out(Entry(f"E{number}", b"", 0) for number in range(65535)))
    assert b"PK\x06\x06" in content
    assert len(ZipFile(BytesIO(content)).infolist()) == 65535


def test_two_entries_with_one_name_are_a_mistake():
    with pytest.raises(ValueError, match="one name"):
        lay_out([entry("A", b"1"), entry("A", b"2")])


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (None, (1980, 1, 1, 0, 0, 0)),
        (datetime(1948, 2, 29, 23, 0), (1980, 1, 1, 0, 0, 0)),
        (datetime(2203, 1, 1), (2107, 12, 31, 23, 59, 58)),
        (datetime(2026, 5, 3, 10, 15, 43), (2026, 5, 3, 10, 15, 42)),
    ],
)
def test_dates_are_clamped_to_what_a_zip_can_say(moment, shown):
    time, date = dos_time(moment)
    assert ((date >> 9) + 1980, date >> 5 & 15, date & 31, time >> 11, time >> 5 & 63, (time & 31) * 2) == shown
