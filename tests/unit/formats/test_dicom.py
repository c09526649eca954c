"""Reading DICOM files: real ones, and ones that are not what they say."""

import struct
import zlib
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.data import get_testdata_file
from pydicom.uid import DeflatedExplicitVRLittleEndian
from tests.cast import ANNA
from tests.hospital_images import HEAD_CT, image

from beeldpas.domain.errors import Malformed
from beeldpas.formats import soundness
from beeldpas.formats.dicom import (
    dicom_date,
    dicom_moment,
    instance_of,
    lenient,
    read_header,
    without_preamble,
)
from beeldpas.formats.dicomjson import metadata_json


def sample(name: str) -> bytes:
    return Path(str(get_testdata_file(name, download=False))).read_bytes()


def read(content: bytes) -> pydicom.FileDataset:
    return read_header(BytesIO(content), len(content))


def reason(content: bytes) -> str:
    with pytest.raises(Malformed) as refused:
        instance_of(read(content))
    return refused.value.reason


def saved(dataset: pydicom.FileDataset) -> bytes:
    buffer = BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def test_a_file_says_what_it_is_and_whose():
    found = instance_of(read(saved(image(HEAD_CT, 2, 5))))
    assert (found.study_uid, found.series_uid, found.sop_uid) == (HEAD_CT, f"{HEAD_CT}.2", f"{HEAD_CT}.2.5")
    assert (found.modality, found.series_number, found.number) == ("CT", 2, 5)
    assert (found.identity.name, found.identity.birth_date) == (ANNA.name, ANNA.birth_date)
    assert (found.identity.patient_id, found.identity.issuer) == ("4711", "ZH-NOORD")


@pytest.mark.parametrize(
    "name",
    ["MR_small_bigendian.dcm", "MR_small_implicit.dcm", "image_dfl.dcm", "JPEG2000.dcm", "SC_rgb_rle_2frame.dcm"],
)
def test_every_encoding_is_read(name):
    assert instance_of(read(sample(name))).modality in {"MR", "NM", "OT", "US"}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not_part10"),
        (b"This is a text.", "not_part10"),
        (bytes(128) + b"DICM", "uid"),
        (bytes(128) + b"DICM" + b"\xff" * 400, "unreadable"),
        (sample("CT_small.dcm")[:20_000], "truncated"),
        (sample("JPEG2000.dcm")[:-2_000], "truncated"),
        (sample("rtplan_truncated.dcm"), "truncated"),
        (sample("DICOMDIR"), "dicomdir"),
        (sample("meta_missing_tsyntax.dcm"), "uid"),
    ],
)
def test_what_cannot_be_served_says_why(content, why):
    assert reason(content) == why


@pytest.mark.parametrize("uid", ["1.2.", "1..2", "01.2", "1.2/../3", "1" * 65, ""])
def test_an_instance_needs_real_uids(uid):
    dataset = image(HEAD_CT, 1, 1)
    with lenient():
        dataset.StudyInstanceUID = uid
        content = saved(dataset)
    assert reason(content) == "uid"


def test_a_deflated_file_that_would_fill_the_memory_is_refused(monkeypatch):
    monkeypatch.setattr(soundness, "LARGEST_HEADER", 4 << 20)
    small = image(HEAD_CT, 1, 1)
    small.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    content = saved(small)
    at = 144 + struct.unpack_from("<L", content, 140)[0]
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(5)) + packer.flush()
    assert reason(content[:at] + bomb) == "too_large"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_damage_gives_anything_but_a_reason(data):
    content = bytearray(saved(image(HEAD_CT, 1, 1))[:6000])
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(128, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        metadata_json(read(bytes(content)))
    except Malformed as error:
        assert error.reason


@given(st.binary(min_size=1, max_size=400), st.data())
def test_the_preamble_is_zeroed_wherever_a_chunk_begins(content, data):
    at, served = 0, b""
    while at < len(content):
        length = data.draw(st.integers(1, len(content) - at))
        chunk = bytearray(content[at : at + length])
        without_preamble(at, chunk)
        served, at = served + bytes(chunk), at + length
    assert served == bytes(min(128, len(content))) + content[128:]


@pytest.mark.parametrize(
    ("day", "time", "moment"),
    [
        ("20260503", "101542.123", "2026-05-03 10:15:42"),
        ("2026.05.03", "10:15", "2026-05-03 10:15:00"),
        ("20260503", "", "2026-05-03 00:00:00"),
        ("20260503", "256199", "2026-05-03 00:00:00"),
        ("", "101542", "None"),
        ("20261503", "101542", "None"),
    ],
)
def test_dates_and_times_as_they_come(day, time, moment):
    assert str(dicom_moment(day, time)) == moment


def test_a_date_that_is_none():
    assert dicom_date("yesterday") is None
