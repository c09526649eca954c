"""Frames: what a viewer draws, byte for byte what the file holds, or decoded when it cannot decode itself."""

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
import pytest
from dicomweb_client.api import DICOMwebClient
from pydicom.encaps import generate_frames
from tests.hospital import Served, open_hospital, wait_until
from tests.hospital_images import HEAD_CT, KNEE_MR, fill, image, large_image, save
from tests.viewing import STORED, get, parts, place

from beeldpas.formats.statuslist import TokenStatus

LOOK = "1.2.826.0.1.3"
SAMPLES = {
    1: "emri_small.dcm",
    2: "emri_small_jpeg_2k_lossless.dcm",
    3: "emri_small_RLE.dcm",
    4: "emri_small_big_endian.dcm",
    5: "SC_rgb_jpeg_dcmtk.dcm",
    6: "liver.dcm",
    7: "image_dfl.dcm",
    8: "MR_small_implicit.dcm",
    9: "JPEG2000.dcm",
}
LARGE = 20
DECODED = 'multipart/related; type="application/octet-stream"'


@pytest.fixture(scope="module")
def noord(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("noord")
    fill(folder / "files")
    for number, sample in SAMPLES.items():
        save(image(LOOK, 1, number, sample=sample), folder / "files" / "look")
    save(large_image(LOOK, LARGE, 3 * 1024 * 1024), folder / "files" / "look")
    with open_hospital(folder) as served:
        yield served


def source(noord: Served, number: int) -> pydicom.FileDataset:
    return pydicom.dcmread(noord.portal.folder / "files" / "look" / f"{LOOK}.1.{number}.dcm")


def frames(noord: Served, number: int, which: str, accept: str) -> list[tuple[dict[str, str], bytes]]:
    return parts(get(noord, f"{place(LOOK, 1, number)}/frames/{which}", (LOOK,), Accept=accept))


@pytest.mark.parametrize("number", [2, 3, 5, 9])
@pytest.mark.parametrize(
    "accept", [STORED, STORED.replace("*", '"*"'), STORED.replace('"', ""), 'multipart/related; type="image/*"']
)
def test_compressed_frames_come_as_they_are_stored(noord, number, accept):
    dataset = source(noord, number)
    count = int(dataset.get("NumberOfFrames") or 1)
    found = frames(noord, number, ",".join(map(str, range(1, count + 1))), accept)
    assert [content for _, content in found] == list(generate_frames(dataset.PixelData, number_of_frames=count))
    syntax = f"; transfer-syntax={dataset.file_meta.TransferSyntaxUID}"
    assert all(fields["content-type"].endswith(syntax) for fields, _ in found)
    assert found[-1][0]["content-location"].endswith(f"/frames/{count}")


@pytest.mark.parametrize("number", [1, 2, 3, 4, 7, 8, 9, LARGE])
def test_without_a_syntax_every_frame_comes_decoded(noord, number):
    dataset = source(noord, number)
    pixels = dataset.pixel_array.astype(dataset.pixel_array.dtype.newbyteorder("<"))
    last = int(dataset.get("NumberOfFrames") or 1)
    ((fields, content),) = frames(noord, number, str(last), DECODED)
    assert fields["content-type"] == "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1"
    assert content == (pixels[last - 1] if last > 1 else pixels).tobytes()


def test_frames_come_in_the_order_that_was_asked_for(noord):
    pixels = source(noord, 1).pixel_array
    found = frames(noord, 1, "7,2,7", STORED)
    assert [content for _, content in found] == [pixels[at].tobytes() for at in (6, 1, 6)]


def test_frames_of_single_bits_begin_with_their_first_bit(noord):
    dataset = source(noord, 6)
    bits = np.unpackbits(np.frombuffer(dataset.PixelData, np.uint8), bitorder="little")
    size = dataset.Rows * dataset.Columns
    for number in (1, 2, 3):
        ((_, content),) = frames(noord, 6, str(number), STORED)
        shown = np.unpackbits(np.frombuffer(content, np.uint8), bitorder="little")[:size]
        assert np.array_equal(shown, bits[(number - 1) * size : number * size])


def test_one_frame_can_come_bare(noord):
    answer = get(noord, f"{place(HEAD_CT, 1, 1)}/frames/1", Accept="application/octet-stream; transfer-syntax=*")
    assert answer.headers["content-type"].startswith("application/octet-stream")
    assert len(answer.content) == 128 * 128 * 2
    assert int(answer.headers["content-length"]) == len(answer.content)


@pytest.mark.parametrize(
    ("number", "accept"),
    [
        (1, "image/jpeg"),
        (2, 'multipart/related; type="image/jpeg"'),
        (2, 'multipart/related; type="image/jp2"; transfer-syntax=1.2.840.10008.1.2.4.91'),
        (2, 'multipart/related; type="application/octet-stream"; transfer-syntax=1.2.840.10008.1.2.4.50'),
        (1, "application/dicom+json"),
    ],
)
def test_what_cannot_be_given_is_not_acceptable(noord, number, accept):
    assert get(noord, f"{place(LOOK, 1, number)}/frames/1", (LOOK,), Accept=accept).status_code == 406


@pytest.mark.parametrize(
    ("which", "status"),
    [("0", 404), ("11", 404), ("1,11", 404), ("9999999", 404), ("one", 400), ("1,,2", 400), ("-1", 400), ("1;2", 400),
     (",".join(["1"] * 3000), 400), ("1" * 4000, 400)],
    ids=lambda value: str(value)[:12],
)  # fmt: skip
def test_numbers_that_are_none(noord, which, status):
    assert get(noord, f"{place(LOOK, 1, 1)}/frames/{which}", (LOOK,), Accept=STORED).status_code == status


@pytest.mark.parametrize("number", [1, 2])
def test_pixels_can_be_had_at_the_address_that_the_metadata_names(noord, number):
    (model,) = json.loads(get(noord, f"{place(LOOK, 1, number)}/metadata", (LOOK,)).text)
    address = model["7FE00010"]["BulkDataURI"].removeprefix(f"{noord.url}/dicom-web/")
    found = parts(get(noord, address, (LOOK,), Accept=STORED))
    dataset = source(noord, number)
    if number == 1:
        assert b"".join(content for _, content in found) == dataset.PixelData
    else:
        assert [content for _, content in found] == list(generate_frames(dataset.PixelData, number_of_frames=10))


def test_a_report_is_one_large_value_at_its_address(noord):
    path = f"{place(HEAD_CT, 3, 1)}/bulkdata/00420011"
    answer = get(noord, path, Accept="application/octet-stream")
    assert answer.content.startswith(b"%PDF-1.4")
    bare = get(noord, f"{path}?accept=application/pdf")
    assert (bare.headers["content-type"], bare.content) == ("application/pdf", answer.content)
    assert bare.headers["content-security-policy"] == "sandbox"
    ((fields, content),) = parts(get(noord, path, Accept="*/*"))
    assert (fields["content-location"], content) == (f"/dicom-web/{path}", answer.content)


@pytest.mark.parametrize("path", ["00100010", "00420012", "00081140/0/00420011", "7FE0001", "..%2F..", "x/0/y"])
def test_an_address_of_nothing_is_404(noord, path):
    answer = get(noord, f"{place(HEAD_CT, 3, 1)}/bulkdata/{path}")
    assert (answer.status_code, answer.content) == (404, get(noord, "studies/1.2.3.4.5").content)


@pytest.mark.parametrize(
    "tail",
    ["/frames/1", "/bulkdata/7FE00010", "/rendered", "/thumbnail", "/frames/1/rendered", "/frames/1/thumbnail"],
)
def test_what_is_not_granted_is_as_if_it_were_not_there(noord, tail):
    nothing = get(noord, f"{place('1.2.3', 1, 1)}{tail}")
    for path in (place(KNEE_MR, 1, 1), f"studies/{HEAD_CT}/series/{KNEE_MR}.1/instances/{KNEE_MR}.1.1"):
        answer = get(noord, path + tail)
        assert (answer.status_code, answer.content) == (404, nothing.content)


@pytest.mark.parametrize(("number", "syntax"), [(2, None), (4, "*"), (8, "*"), (8, None), (7, None)])
def test_whole_files_come_in_the_default_syntax(noord, number, syntax):
    accept = 'multipart/related; type="application/dicom"' + (f"; transfer-syntax={syntax}" if syntax else "")
    ((fields, content),) = parts(get(noord, place(LOOK, 1, number), (LOOK,), Accept=accept))
    given, stored = pydicom.dcmread(BytesIO(content)), source(noord, number)
    assert fields["content-type"] == "application/dicom; transfer-syntax=1.2.840.10008.1.2.1"
    assert given.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"
    assert given.SOPInstanceUID == stored.SOPInstanceUID
    assert np.array_equal(given.pixel_array, stored.pixel_array)


def test_a_client_that_is_not_ours_draws_it(noord):
    session = DICOMwebClient(f"{noord.url}/dicom-web", headers=noord.token([LOOK]))
    where = (LOOK, f"{LOOK}.1", f"{LOOK}.1.1")
    stored = session.retrieve_instance_frames(*where, [1, 10], media_types=(("application/octet-stream", "*"),))
    pixels = source(noord, 1).pixel_array
    assert stored == [pixels[0].tobytes(), pixels[9].tobytes()]
    study = session.retrieve_study(LOOK)
    assert {one.file_meta.TransferSyntaxUID for one in study} == {"1.2.840.10008.1.2.1"}
    assert len(study) == len(SAMPLES) + 1


def test_a_thousand_requests_are_one_use(noord):
    size = 0
    token = noord.token([LOOK], index=33)
    for number in range(1, 11):
        answer = noord.client.get(f"/dicom-web/{place(LOOK, 1, 1)}/frames/{number}", headers=token)
        size += len(answer.content)
    noord.clock.pass_by(seconds=11)
    wait_until(lambda: any(one["grant"] == "grant-33" for one in noord.portal.told))
    (event,) = [one for one in noord.portal.told if one["grant"] == "grant-33"]
    assert (event["kind"], event["phase"], event["outcome"]) == ("retrieve", "ended", "completed")
    assert (event["studies"], event["bytes"]) == ([LOOK], size)
    (row,) = [row for row in noord.log() if row["event_id"] == event["event_id"]]
    assert (row["kind"], row["bytes"]) == ("retrieve", size)


def test_a_revocation_ends_the_viewing_and_what_had_come_through_before_stays_so(noord):
    token, path = noord.token([LOOK], index=34), f"/dicom-web/{place(LOOK, 1, 1)}/frames/1"
    assert noord.client.get(path, headers=token).status_code == 200
    noord.portal.states[34] = TokenStatus.INVALID
    wait_until(lambda: noord.house.statuses.state((noord.house.statuses.uris[0], 34)) == "revoked")
    assert noord.client.get(path, headers=token).status_code == 401
    wait_until(lambda: any(one["grant"] == "grant-34" for one in noord.portal.told))
    (event,) = [one for one in noord.portal.told if one["grant"] == "grant-34"]
    assert event["outcome"] == "completed"  # nothing of it was under way


def test_an_altered_file_gives_no_frame(noord):
    file: Path = noord.portal.folder / "files" / "look" / f"{LOOK}.1.9.dcm"
    content = bytearray(file.read_bytes())
    content[-100] ^= 1
    file.write_bytes(content)
    answer = get(noord, f"{place(LOOK, 1, 9)}/frames/1", (LOOK,), Accept=STORED)
    assert answer.status_code == 503
