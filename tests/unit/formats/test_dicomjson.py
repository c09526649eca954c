"""The JSON model: what the standard asks of it, and that every large value left out of it has an address."""

import json
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from tests.hospital_images import HEAD_CT, image, pdf_report

from beeldpas.formats.dicom import lenient, read_header
from beeldpas.formats.dicomjson import metadata_json, with_addresses

HERE = "https://noord.example/dicom-web/studies/1/series/2/instances/3"


def header(dataset: pydicom.FileDataset) -> pydicom.FileDataset:
    output = BytesIO()
    dataset.save_as(output, enforce_file_format=True)
    return read_header(output, len(output.getvalue()))


def sample(name: str) -> pydicom.FileDataset:
    content = Path(str(get_testdata_file(name, download=False))).read_bytes()
    return read_header(BytesIO(content), len(content))


def test_the_model_is_what_dicom_json_asks():
    model = json.loads(metadata_json(header(image(HEAD_CT, 1, 1))))
    assert list(model) == sorted(model)
    assert model["00100010"] == {"vr": "PN", "Value": [{"Alphabetic": "Jansen^Anna"}]}
    assert model["00080005"]["Value"] == ["ISO_IR 192"]
    assert not any(tag.startswith("0002") for tag in model)


def test_pixels_are_an_address_below_their_instance():
    text = with_addresses(metadata_json(header(image(HEAD_CT, 1, 1))), HERE)
    assert json.loads(text)["7FE00010"] == {"vr": "OW", "BulkDataURI": f"{HERE}/bulkdata/7FE00010"}


def test_large_values_are_addresses_however_deep_they_lie():
    report = pdf_report(HEAD_CT, 3, content=b"%PDF-1.4" + bytes(8000))
    inner = Dataset()
    inner.add_new(0x00420011, "OB", bytes(8000))
    report.ReferencedImageSequence = [Dataset(), inner]
    model = json.loads(with_addresses(metadata_json(header(report)), HERE))
    assert model["00420011"] == {"vr": "OB", "BulkDataURI": f"{HERE}/bulkdata/00420011"}
    deep = model["00081140"]["Value"][1]["00420011"]
    assert deep["BulkDataURI"] == f"{HERE}/bulkdata/00081140/1/00420011"
    assert "7FE00010" not in model


def test_a_text_that_looks_like_an_address_stays_what_it_is():
    forged = image(HEAD_CT, 1, 1)
    forged.StudyDescription = '"BulkDataURI":"bulkdata/7FE00010"'
    model = json.loads(with_addresses(metadata_json(header(forged)), HERE))
    assert model["00081030"]["Value"] == ['"BulkDataURI":"bulkdata/7FE00010"']


def test_no_nul_is_left_in_the_model():
    padded = image(HEAD_CT, 1, 1)
    with lenient():
        padded.StudyDescription, padded.PatientName = "a\0b\\u0000", "Jan\0sen^Anna"
        text = metadata_json(padded)
    model = json.loads(text)
    assert model["00081030"]["Value"] == ["ab", "u0000"]
    assert model["00100010"]["Value"] == [{"Alphabetic": "Jansen^Anna"}]


@pytest.mark.parametrize("name", ["badVR.dcm", "nested_priv_SQ.dcm", "emri_small_RLE.dcm", "explicit_VR-UN.dcm"])
def test_odd_files_still_give_valid_json(name):
    json.loads(metadata_json(sample(name)), parse_constant=pytest.fail)
