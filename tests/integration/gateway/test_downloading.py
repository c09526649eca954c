"""A download from a hospital: the archive, whole and in parts, and what is written down about it."""

import json
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import httpx2
import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.hospital import Served, open_hospital, wait_until
from tests.hospital_images import BRAMS_CT, HEAD_CT, KNEE_MR, PDF

from beeldpas.formats.jose import load_keys
from beeldpas.formats.manifest import read_manifest
from beeldpas.keys import public_file


@pytest.fixture(scope="module")
def noord(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with open_hospital(tmp_path_factory.mktemp("noord")) as served:
        yield served


def download(noord: Served, studies: list[str], **changed: object) -> httpx2.Response:
    path, lease = noord.lease(studies, **changed)
    return noord.client.get(path, headers=lease)


def sources(noord: Served, *studies: str) -> dict[str, str]:
    """What the hospital's files are, as anybody would compute it: preamble zeroed, SHA-256."""
    found = {}
    for file in (noord.portal.folder / "files").rglob("*.dcm"):
        content = file.read_bytes()
        header = pydicom.dcmread(BytesIO(content), stop_before_pixels=True)
        if header.StudyInstanceUID in studies:
            found[str(header.SOPInstanceUID)] = sha256(bytes(128) + content[128:]).hexdigest()
    return found


def test_the_archive_holds_exactly_what_was_granted(noord):
    answer = download(noord, [HEAD_CT, KNEE_MR])
    archive = ZipFile(BytesIO(answer.content))
    assert archive.testzip() is None
    names = archive.namelist()
    assert names[:4] == ["DICOMDIR", "README.TXT", "INDEX.HTM", "MANIFEST.JSN"]
    assert [name for name in names if name.startswith("REPORTS/")] == ["REPORTS/R0000001.PDF", "REPORTS/R0000002.HTM"]
    images = {name: archive.read(name) for name in names if name.startswith("DICOM/")}
    found = {
        str(pydicom.dcmread(BytesIO(content)).SOPInstanceUID): sha256(content).hexdigest()
        for content in images.values()
    }
    assert found == sources(noord, HEAD_CT, KNEE_MR)
    assert all(content[:128] == bytes(128) for content in images.values())
    assert archive.read("REPORTS/R0000001.PDF") == PDF
    assert b"Diameter:" in archive.read("REPORTS/R0000002.HTM")


def test_the_answer_says_what_a_browser_needs_to_know(noord):
    path, lease = noord.lease([HEAD_CT])
    answer = noord.client.get(path, headers=lease)
    headers = answer.headers
    assert (answer.status_code, int(headers["content-length"])) == (200, len(answer.content))
    assert (headers["content-type"], headers["accept-ranges"]) == ("application/zip", "bytes")
    assert headers["cache-control"] == "no-store"
    assert headers["content-disposition"].startswith('attachment; filename="beeldpas-noord-')
    head = noord.client.head(path, headers=lease)
    assert (head.headers["content-length"], head.headers["etag"]) == (headers["content-length"], headers["etag"])


def test_the_lease_travels_in_a_cookie_of_its_own_and_no_token_in_an_address(noord):
    answer = noord.start(noord.portal.code(noord.url, [HEAD_CT]))
    location, cookie = answer.headers["location"], answer.headers["set-cookie"]
    lease_id = location.split("/")[2]
    assert cookie.startswith(f"__Host-lease-{lease_id}=")
    for attribute in ("HttpOnly", "Secure", "Path=/", "SameSite=lax", "Max-Age=21600"):
        assert attribute in cookie
    value = cookie.partition(";")[0]
    assert value.partition("=")[2] not in location
    assert noord.client.get(location, headers={"Cookie": value}).status_code == 200


def test_two_downloads_of_one_selection_are_the_same_bytes(noord):
    first, second = download(noord, [KNEE_MR, HEAD_CT]), download(noord, [HEAD_CT, KNEE_MR])
    assert (first.content, first.headers["etag"]) == (second.content, second.headers["etag"])


def test_the_readers_language_is_in_the_readme_and_in_the_tag(noord):
    dutch, english = download(noord, [HEAD_CT]), download(noord, [HEAD_CT], language="en")
    assert dutch.headers["etag"] != english.headers["etag"]
    assert b"Vragen over deze beelden: Ziekenhuis Noord" in ZipFile(BytesIO(dutch.content)).read("README.TXT")
    readme = ZipFile(BytesIO(english.content)).read("README.TXT")
    assert readme.isascii() and readme.count(b"\r\n") == readme.count(b"\n")
    assert b"DICOM/ST000001  2026-05-03  CT, DOC, SR" in readme


def test_the_manifest_is_signed_and_right(noord):
    archive = ZipFile(BytesIO(download(noord, [HEAD_CT]).content))
    keys = load_keys(public_file(noord.house.settings.key_file))
    manifest = read_manifest(archive.read("MANIFEST.JSN"), keys)
    listed = [*manifest["files"], *manifest["reports"], *manifest["generated"]]
    assert {one["path"] for one in listed} == set(archive.namelist()) - {"MANIFEST.JSN"}
    for one in listed:
        content = archive.read(one["path"])
        assert (one["size"], one["sha256"]) == (len(content), sha256(content).hexdigest())
    (study,) = manifest["studies"]
    assert (study["uid"], study["instances"], study["series"], study["in_dicomdir"]) == (HEAD_CT, 9, 4, True)


def test_any_range_is_the_slice_of_the_whole(noord):
    path, lease = noord.lease([HEAD_CT, KNEE_MR])
    whole = noord.client.get(path, headers=lease)
    total, etag = len(whole.content), whole.headers["etag"]

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def check(data: st.DataObject) -> None:
        start = data.draw(st.integers(0, total - 1))
        last = data.draw(st.integers(start, total + 10))
        part = noord.client.get(path, headers={**lease, "Range": f"bytes={start}-{last}", "If-Range": etag})
        assert (part.status_code, part.content) == (206, whole.content[start : last + 1])
        assert part.headers["content-range"] == f"bytes {start}-{min(last, total - 1)}/{total}"

    check()


def test_a_range_outside_and_a_tag_of_before(noord):
    path, lease = noord.lease([HEAD_CT])
    whole = noord.client.get(path, headers=lease)
    outside = noord.client.get(path, headers={**lease, "Range": f"bytes={len(whole.content)}-"})
    assert (outside.status_code, outside.headers["content-range"]) == (416, f"bytes */{len(whole.content)}")
    stale = noord.client.get(path, headers={**lease, "Range": "bytes=10-", "If-Range": '"of-before"'})
    assert (stale.status_code, stale.content) == (200, whole.content)
    many = noord.client.get(path, headers={**lease, "Range": "bytes=0-1,100-101"})
    assert (many.status_code, len(many.content)) == (200, len(whole.content))


def test_curl_resumes_what_was_cut(noord, tmp_path):
    path, lease = noord.lease([HEAD_CT, KNEE_MR])
    whole = noord.client.get(path, headers=lease).content
    target = tmp_path / "archive.zip"
    target.write_bytes(whole[:100_001])
    header = f"Beeldpas-Lease: {lease['Beeldpas-Lease']}"
    command = ["curl", "-sS", "-C", "-", "-H", header, "-o", str(target), noord.url + path]
    subprocess.run(command, check=True)
    assert target.read_bytes() == whole


def test_a_study_that_is_not_here_gives_nothing(noord):
    path, lease = noord.lease(["1.2.3.4"])
    assert noord.client.get(path, headers=lease).status_code == 404
    partly = download(noord, [KNEE_MR, "1.2.3.4"])
    assert len([name for name in ZipFile(BytesIO(partly.content)).namelist() if name.startswith("DICOM/")]) == 1


def test_every_download_is_in_the_hospitals_log_and_told_to_the_portal(noord):
    def told() -> list[dict[str, Any]]:
        return [event for event in noord.portal.told if event["grant"] == "grant-11"]

    path, lease = noord.lease([BRAMS_CT], index=11)
    noord.client.head(path, headers=lease)
    whole = noord.client.get(path, headers=lease)
    wait_until(lambda: len(told()) == 2)
    part = noord.client.get(path, headers={**lease, "Range": "bytes=0-99"})
    wait_until(lambda: len(told()) == 4)
    shape = [(event["kind"], event["phase"], event["outcome"], event["bytes"]) for event in told()]
    assert shape == [
        ("download", "started", "running", 0),
        ("download", "ended", "completed", len(whole.content)),
        ("download", "started", "running", 0),
        ("download", "ended", "completed", len(part.content)),
    ]
    own = {row["event_id"]: row for row in noord.log() if row.get("grant") == "grant-11"}
    uses = {event_id: row for event_id, row in own.items() if row["kind"] == "download"}
    assert uses.keys() == {event["event_id"] for event in told()}
    for event in told():
        row = uses[event["event_id"]]
        assert (row["bytes"], row["outcome"], row["studies"]) == (event["bytes"], event["outcome"], [BRAMS_CT])
        assert (row["name"], row["verified"], row["purpose"]) == ("Dr. D. Dekker", False, "TREAT")
    assert [row["kind"] for row in own.values()].count("exchange_code") == 1


def test_no_code_token_or_lease_is_in_the_log(noord):
    _path, lease = noord.lease([HEAD_CT])
    text = json.dumps(noord.log())
    assert lease["Beeldpas-Lease"] not in text
    assert "eyJ" not in text
