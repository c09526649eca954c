"""Checking a download: what is proven, what is wrong with it, and what is nobody's fault."""

import os
import shutil
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests import downloads
from tests.downloads import HEAD_CT, IMAGE, KEY, KEYS, KNEE_MR, REPORT, image, listed, saved, unpacked

from beeldpas.domain.errors import Malformed
from beeldpas.formats.jose import new_key
from beeldpas.receiver.commands import _open
from beeldpas.receiver.port import Fault
from beeldpas.receiver.trust import Signature, Trust
from beeldpas.receiver.verify import Result, Verdict, verify

NOORD = Trust(keys=KEYS)


def check(path: Path, trust: Trust = NOORD) -> Result:
    with ExitStack() as opened:
        return verify(_open(path, opened), trust)


def given(**changed: bytes | None) -> downloads.Files:
    """What the hospital gave with its list; afterwards somebody changes or removes (None) files."""
    content: dict[str, bytes | None] = {**listed(downloads.files()), **changed}
    return {name: data for name, data in content.items() if data is not None}


@pytest.fixture(params=[saved, unpacked], ids=["zip", "folder"])
def made(request: pytest.FixtureRequest, tmp_path: Path):
    return lambda content: request.param(tmp_path, content)


def test_a_download_as_it_came_is_proven(made):
    found = check(made(given()))
    assert (found.verdict, found.signature) == (Verdict.PROVEN, Signature.VALID)
    assert found.arrived() == {HEAD_CT: 3, KNEE_MR: 1}
    assert set(found.right) == set(downloads.files())


def test_without_the_hospitals_key_it_agrees_and_nothing_is_proven(made):
    found = check(made(given()), Trust())
    assert (found.verdict, found.signature) == (Verdict.CONSISTENT, Signature.UNCHECKED)


def test_one_bit_is_found_out(made):
    content = bytearray(downloads.files()[IMAGE])
    content[-1] ^= 1
    found = check(made(given(**{IMAGE: bytes(content)})))
    assert (found.verdict, found.altered, found.missing) == (Verdict.FAULTY, [IMAGE], [])
    assert found.arrived() == {HEAD_CT: 2, KNEE_MR: 1}


@pytest.mark.parametrize("content", [b"", downloads.files()[IMAGE][:-1], downloads.files()[IMAGE] + b"x"])
def test_another_length_is_found_out(made, content):
    assert check(made(given(**{IMAGE: content}))).altered == [IMAGE]


def test_what_is_missing_is_named(made):
    found = check(made(given(**{IMAGE: None, REPORT: None})))
    assert (found.verdict, found.missing) == (Verdict.FAULTY, [IMAGE, REPORT])


def test_what_the_hospital_never_gave_is_named(made):
    strange = "DICOM/ST000001/SE000001/IM000099"
    found = check(made(given(**{strange: image("1.2.3", 99), "AUTORUN.INF": b"[autorun]"})))
    assert (found.verdict, sorted(found.extra)) == (Verdict.FAULTY, ["AUTORUN.INF", strange])


def test_a_file_under_another_name_is_recognised(made):
    found = check(made(given(**{IMAGE: None, "DICOM/ST000001/SE000001/COPY": downloads.files()[IMAGE]})))
    assert found.verdict is Verdict.FAULTY
    assert (found.renamed, found.missing, found.extra) == ([(IMAGE, "DICOM/ST000001/SE000001/COPY")], [], [])


def test_two_files_that_changed_places_are_both_altered(made):
    other = "DICOM/ST000001/SE000001/IM000003"
    content = downloads.files()
    found = check(made(given(**{IMAGE: content[other], other: content[IMAGE]})))
    assert found.altered == [IMAGE, other]


def test_what_computers_leave_behind_is_named_and_forgiven(made):
    junk = {
        ".DS_Store": b"x",
        "DICOM/Thumbs.db": b"x",
        "__MACOSX/DICOM/._IM000001": b"\0\5\x16\7",
        "desktop.ini": b"",
    }
    found = check(made(given(**junk)))
    assert found.verdict is Verdict.PROVEN
    assert sorted(found.tolerated) == sorted(junk)


def test_an_image_is_not_forgiven_because_of_its_name(made):
    found = check(made(given(**{"DICOM/._IM000001": image("1.2.3", 1)})))
    assert (found.verdict, found.extra) == (Verdict.FAULTY, ["DICOM/._IM000001"])


def test_a_list_that_was_altered_proves_nothing(made):
    content = downloads.files() | {IMAGE: image("9.9", 2)}
    forged = listed(content)["MANIFEST.JSN"]
    real = listed(downloads.files())["MANIFEST.JSN"]
    signature = real[real.index(b'"signature"') :]
    mixed = forged[: forged.index(b'"signature"')] + signature
    found = check(made({**content, "MANIFEST.JSN": mixed}))
    assert (found.verdict, found.signature, found.altered) == (Verdict.FAULTY, Signature.INVALID, [])


def test_a_list_by_somebody_else_proves_nothing(made):
    content = listed(downloads.files(), key=new_key("noord-1"))
    assert check(made(content)).signature is Signature.INVALID


def test_a_name_in_another_case_is_the_same_name(tmp_path):
    found = check(unpacked(tmp_path, given(), str.lower))
    assert (found.verdict, found.extra, found.missing) == (Verdict.PROVEN, [], [])


def test_a_folder_may_be_moved_and_lie_in_another(tmp_path):
    folder = unpacked(tmp_path, given())
    shutil.move(folder, tmp_path / "Downloads" / "beelden (1)")
    assert check(tmp_path / "Downloads").verdict is Verdict.PROVEN


def test_a_name_that_is_there_in_two_cases_is_a_fault(tmp_path):
    folder = unpacked(tmp_path, given())
    shutil.copy(folder / "README.TXT", folder / "readme.txt")
    assert [fault.kind for fault in check(folder).faults] == ["twice"]


def test_a_link_is_not_followed_out_of_the_folder(tmp_path):
    folder = unpacked(tmp_path, given(**{IMAGE: None}))
    outside = tmp_path / "elders"
    outside.write_bytes(downloads.files()[IMAGE])
    (folder / IMAGE).symlink_to(outside)
    found = check(folder)
    assert (found.faults, found.missing) == ([Fault("no_file", IMAGE)], [IMAGE])


def test_a_pipe_is_not_waited_for(tmp_path):
    folder = unpacked(tmp_path, given())
    os.mkfifo(folder / "DICOM" / "PIPE")
    assert check(folder).faults == [Fault("no_file", "DICOM/PIPE")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"README.TXT": b""}, "no_manifest"),
        ({"MANIFEST.JSN": b"{}"}, "manifest"),
        ({"MANIFEST.JSN": b"[" * 100_000}, "manifest"),
        ({"MANIFEST.JSN": downloads.manifest(downloads.files(), files=[])}, "manifest"),
        (
            {"MANIFEST.JSN": downloads.manifest(downloads.files(), studies=[{"uid": "1", "instances": -1}])},
            "manifest",
        ),
        ({"A/MANIFEST.JSN": b"{}", "B/MANIFEST.JSN": b"{}"}, "several_downloads"),
    ],
)
def test_without_a_list_there_is_nothing_to_check(made, content, reason):
    with pytest.raises(Malformed, match=reason):
        check(made(content))


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "DICOM/../X", "dicom/x", "A" * 9, ""])
def test_a_list_that_names_what_no_download_holds_is_no_list(made, path):
    entry = {"path": path, "size": 1, "sha256": "0" * 64}
    with pytest.raises(Malformed, match="manifest"):
        check(made(given(**{"MANIFEST.JSN": downloads.manifest(downloads.files(), generated=[entry])})))


def test_a_list_of_millions_of_values_is_not_read(made):
    huge = downloads.manifest(downloads.files(), more=[0] * 2_100_000)
    with pytest.raises(Malformed, match="manifest"):
        check(made(given(**{"MANIFEST.JSN": huge})))


def test_the_key_decides_and_not_what_the_list_says_of_itself(tmp_path):
    assert KEY.kid == "noord-1"
    content = listed(downloads.files(), key=new_key("elders-1"))
    assert check(saved(tmp_path, content)).signature is Signature.INVALID
