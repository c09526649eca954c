"""ZIP files that broke off, were damaged, were packed again, or were made by somebody who means harm."""

import struct
import tracemalloc
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import downloads
from tests.downloads import IMAGE, KEYS, files, listed, repacked, saved, zipped

from beeldpas.domain.errors import Malformed
from beeldpas.receiver.packed import ZipDownload
from beeldpas.receiver.port import Fault
from beeldpas.receiver.trust import Trust
from beeldpas.receiver.verify import Result, Verdict, verify
from beeldpas.receiver.zip_directory import read_directory

WHOLE = zipped(listed(files()))
LIST_ENDS = WHOLE.index(b"DICOM/ST000001/SE000001/IM000001") - 30


def check(content: bytes | Path) -> Result:
    raw = content if isinstance(content, bytes) else content.read_bytes()
    return verify(ZipDownload(BytesIO(raw)), Trust(keys=KEYS))


def test_a_download_that_broke_off_says_how_far_it_came():
    second = WHOLE.index(IMAGE.encode())
    found = check(WHOLE[: second + 5000])
    assert (found.verdict, found.faults) == (Verdict.FAULTY, [Fault("broken_off")])
    assert len(found.right) == 4  # three generated files and the first image
    assert IMAGE in found.missing


@given(st.integers(0, len(WHOLE) - 1))
def test_wherever_it_broke_off_it_is_never_taken_for_whole(length):
    try:
        found = check(WHOLE[:length])
    except Malformed as error:
        assert length < LIST_ENDS, error.reason
        return
    assert found.verdict is Verdict.FAULTY
    assert len(found.right) + len(found.missing) == len(files())


@settings(max_examples=300)
@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_whatever_byte_is_altered_what_is_called_proven_is_what_the_hospital_gave(at, change):
    content = bytearray(WHOLE)
    content[at] ^= change
    try:
        found = check(bytes(content))
    except Malformed:
        return
    if found.verdict is Verdict.PROVEN:
        archive = zipfile.ZipFile(BytesIO(content))
        assert {name.upper() for name in archive.namelist()} == set(listed(files()))
        assert [archive.open(name).read() for name in files()] == list(files().values())


def test_a_directory_that_is_damaged_is_said_to_be():
    at = WHOLE.index(b"PK\x01\x02")
    found = check(WHOLE[:at] + b"XX" + WHOLE[at + 2 :])
    assert (found.faults, len(found.right)) == ([Fault("directory")], len(files()))


def test_a_directory_that_names_fewer_files_than_it_says_is_damaged():
    end = WHOLE.rindex(b"PK\x05\x06")
    assert check(WHOLE[: end + 8] + struct.pack("<HH", 3, 3) + WHOLE[end + 12 :]).faults == [Fault("directory")]


@pytest.mark.parametrize(
    ("content", "kind"), [(b"MZ" + bytes(98) + WHOLE, "in_front"), (WHOLE + b"#!/bin/sh\n", "behind")]
)
def test_what_was_added_before_or_behind_the_zip_is_found_out(content, kind):
    found = check(content)
    assert (found.verdict, found.faults) == (Verdict.FAULTY, [Fault(kind)])
    assert len(found.right) == len(files())


def test_packed_again_by_another_program_it_is_still_what_the_hospital_gave(tmp_path):
    assert check(repacked(tmp_path, listed(files()))).verdict is Verdict.PROVEN
    assert check(repacked(tmp_path, listed(files()), top="Downloads/beelden/")).verdict is Verdict.PROVEN


def test_what_cannot_be_unpacked_here_is_not_called_altered(tmp_path):
    with zipfile.ZipFile(saved(tmp_path, {}), "w") as archive:
        for name, data in listed(files()).items():
            method = zipfile.ZIP_LZMA if name == IMAGE else zipfile.ZIP_STORED
            archive.writestr(name, data, method)
    found = check(tmp_path / "beelden.zip")
    assert (found.verdict, found.unreadable, found.altered) == (Verdict.FAULTY, [IMAGE], [])


@pytest.mark.parametrize(
    "name", ["../../../tmp/x", "/etc/passwd", "C:\\Windows\\x.dll", "DICOM/../x", "\x1b[2J", "a" * 9999]
)
def test_a_name_that_leads_elsewhere_is_named_and_never_opened(name, tmp_path):
    found = check(repacked(tmp_path, listed(files()) | {name: b"x"}))
    assert (found.verdict, found.extra) == (Verdict.FAULTY, [name.replace("\\", "/")])
    assert [path.name for path in tmp_path.iterdir()] == ["beelden.zip"]


def test_a_bomb_in_the_place_of_a_file_is_not_unpacked(tmp_path):
    bomb = bytes(300_000_000)
    for content in (files() | {IMAGE: bomb}, files() | {"BOMB": bomb}):
        packed = repacked(tmp_path, {**listed(files()), **content})
        del content
        tracemalloc.start()
        found = check(packed)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert found.verdict is Verdict.FAULTY
        assert peak < 16_000_000


def test_a_bomb_that_lies_about_its_size_is_not_unpacked_further_than_the_list_says(tmp_path):
    size = len(files()[IMAGE])
    packed = bytearray(repacked(tmp_path, listed(files()) | {IMAGE: bytes(100_000_000)}).read_bytes())
    at = packed.rindex(IMAGE.encode()) - 46
    struct.pack_into("<I", packed, at + 24, size)
    tracemalloc.start()
    found = check(bytes(packed))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (found.altered, peak < 16_000_000) == ([IMAGE], True)


def test_files_that_lie_over_each_other_are_not_read():
    first, second = (WHOLE.rindex(f"DICOM/ST000001/SE000001/IM00000{number}".encode()) - 46 for number in (1, 2))
    content = bytearray(WHOLE)
    content[second + 42 : second + 46] = content[first + 42 : first + 46]
    found = check(bytes(content))
    names = ["DICOM/ST000001/SE000001/IM000001", IMAGE]
    assert sorted(fault.name for fault in found.faults if fault.kind == "overlap") == names
    assert found.altered == names


def test_a_file_that_calls_itself_otherwise_than_the_directory_does_is_not_believed():
    at = WHOLE.index(IMAGE.encode())
    content = WHOLE[:at] + b"EVIL_/" + WHOLE[at + 6 :]
    assert check(content).altered == [IMAGE]


def test_a_directory_larger_than_any_download_needs_is_not_read():
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, 100 * 1024 * 1024, 0, 0)
    with pytest.raises(Malformed, match="zip_too_large"):
        read_directory(BytesIO(WHOLE + bytes(101 * 1024 * 1024) + end))


def test_more_files_than_an_ordinary_directory_can_count_are_read():
    names = {f"E{number}": b"" for number in range(65_540)}
    assert len(read_directory(BytesIO(zipped(names))).entries) == len(names)


@pytest.mark.parametrize("content", [b"", b"PK", b"<html>404</html>", bytes(5000), b"PK\x05\x06" + bytes(18)])
def test_what_is_no_download_is_said_to_be_none(content):
    with pytest.raises(Malformed, match=r"zip|no_manifest"):
        check(content)


def test_a_list_of_gigabytes_is_not_read_into_memory(tmp_path):
    packed = repacked(tmp_path, downloads.files() | {"MANIFEST.JSN": bytes(200_000_000)})
    tracemalloc.start()
    with pytest.raises(Malformed, match="manifest"):
        check(packed)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16_000_000
