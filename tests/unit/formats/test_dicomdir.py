"""DICOMDIR: pydicom's own file-set reader is the oracle."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.fileset import FileSet
from tests.cast import ANNA, BRAM, CEES
from tests.hospital_images import BRAMS_CT, HEAD_CT, KNEE_MR, head, image, pdf_report, structured_report

from beeldpas.formats.dicomdir import Branch, Leaf, link
from beeldpas.formats.directory_record import encode_records

PRESENTATION, KEY_OBJECTS = "1.2.840.10008.5.1.4.1.1.11.1", "1.2.840.10008.5.1.4.1.1.88.59"


def directory(*images: Dataset) -> bytes:
    """Hang each image below a patient, study and series of its own."""
    patients = []
    for number, one in enumerate(images, 1):
        records = encode_records(one)
        assert records.missing == ()
        leaf = Leaf(records.leaf, ("DICOM", f"ST{number:06d}", "SE000001", "IM000001"))
        patients.append(Branch(records.patient, [Branch(records.study, [Branch(records.series, [leaf])])]))
    return link(patients)


@contextmanager
def read(content: bytes, folder: Path) -> Iterator[FileSet]:
    (folder / "DICOMDIR").write_bytes(content)
    found = FileSet(folder / "DICOMDIR")
    yield found
    found._stage["t"].cleanup()  # it would complain about its folder whenever it is collected


def kinds(content: bytes) -> list[str]:
    return [record.DirectoryRecordType for record in pydicom.dcmread(BytesIO(content)).DirectoryRecordSequence]


def presentation_state() -> Dataset:
    dataset = image(KNEE_MR, 3, 1)
    dataset.SOPClassUID, dataset.Modality = PRESENTATION, "PR"
    dataset.PresentationCreationDate, dataset.PresentationCreationTime = "20260503", "120000"
    dataset.ContentLabel, dataset.ContentDescription, dataset.ContentCreatorName = "PIJLEN", None, None
    return dataset


def key_objects() -> Dataset:
    dataset = structured_report(KNEE_MR, 4)
    dataset.SOPClassUID, dataset.Modality = KEY_OBJECTS, "KO"
    return dataset


def test_pydicom_walks_the_whole_tree(tmp_path):
    for number in (1, 2, 3):
        place = tmp_path / "DICOM" / f"ST{number:06d}" / "SE000001"
        place.mkdir(parents=True)
        (place / "IM000001").touch()
    images = [image(HEAD_CT, 1, 1), image(KNEE_MR, 1, 1, sample="MR_small.dcm"), image(BRAMS_CT, 1, 1, BRAM)]
    with read(directory(*images), tmp_path) as found:
        assert found.find_values("PatientID") == ["4711", "8022"]
        assert found.find_values("StudyInstanceUID") == [HEAD_CT, KNEE_MR, BRAMS_CT]
        assert [Path(one.path).relative_to(tmp_path).as_posix() for one in found] == [
            f"DICOM/ST00000{number}/SE000001/IM000001" for number in (1, 2, 3)
        ]
        assert [one.SOPInstanceUID for one in found] == [one.SOPInstanceUID for one in images]


def test_each_kind_of_object_gets_its_own_record():
    content = directory(
        image(HEAD_CT, 1, 1),
        pdf_report(HEAD_CT, 2),
        structured_report(HEAD_CT, 3),
        presentation_state(),
        key_objects(),
    )
    leaves = [kind for kind in kinds(content) if kind not in {"PATIENT", "STUDY", "SERIES"}]
    assert leaves == ["IMAGE", "ENCAP DOC", "SR DOCUMENT", "PRESENTATION", "KEY OBJECT DOC"]


def test_a_record_of_a_report_describes_it_without_telling_it():
    item = Dataset()
    item.RelationshipType, item.ValueType, item.TextValue = "HAS CONCEPT MOD", "TEXT", "Nederlands"
    report = structured_report(HEAD_CT, 3)
    report.ContentSequence.append(item)
    last = pydicom.dcmread(BytesIO(directory(report))).DirectoryRecordSequence[-1]
    assert [one.TextValue for one in last.ContentSequence] == ["Nederlands"]


def test_names_keep_their_character_set():
    greek = image(HEAD_CT, 1, 1)
    greek.SpecificCharacterSet, greek.PatientName = "ISO_IR 126", "Διονυσιος"
    record = pydicom.dcmread(BytesIO(directory(greek))).DirectoryRecordSequence[0]
    assert (record.SpecificCharacterSet, record.PatientName) == ("ISO_IR 126", "Διονυσιος")


@pytest.mark.parametrize(
    "keyword", ["PatientID", "StudyDate", "StudyTime", "StudyID", "SeriesNumber", "InstanceNumber"]
)
@pytest.mark.parametrize("how", ["absent", "empty"])
def test_nothing_is_invented_for_a_required_attribute(keyword, how):
    dataset = image(HEAD_CT, 1, 1)
    if how == "absent":
        del dataset[keyword]
    else:
        setattr(dataset, keyword, None)
    records = encode_records(dataset)
    assert (records.missing, records.leaf) == ((keyword,), b"")


def test_the_same_selection_is_the_same_file():
    images = image(HEAD_CT, 1, 1), image(KNEE_MR, 1, 1, CEES)
    assert directory(*images) == directory(*images)
    assert directory(*images)[:400] != directory(images[0])[:400]


def test_a_verified_report_says_when_it_was_last_verified():
    report = structured_report(HEAD_CT, 3)
    report.VerifyingObserverSequence = [Dataset(), Dataset()]
    report.VerifyingObserverSequence[0].VerificationDateTime = "20260504101500"
    report.VerifyingObserverSequence[1].VerificationDateTime = "20260503101500"
    last = pydicom.dcmread(BytesIO(directory(report))).DirectoryRecordSequence[-1]
    assert last.VerificationDateTime == "20260504101500"
    del report.VerifyingObserverSequence
    assert encode_records(report).missing == ("VerificationDateTime",)


def test_an_importer_sees_whose_and_what_before_it_opens_a_file():
    records = pydicom.dcmread(BytesIO(directory(image(HEAD_CT, 1, 1)))).DirectoryRecordSequence
    patient, _, series, leaf = records
    assert (patient.IssuerOfPatientID, patient.PatientBirthDate, patient.PatientSex) == ("ZH-NOORD", "19520308", "F")
    assert series.InstitutionName == "JFK IMAGING CENTER"
    assert (leaf.Rows, leaf.Columns, leaf.ImageType[0]) == (128, 128, "ORIGINAL")


def test_a_record_that_nobody_needs_that_large_is_not_made():
    report = structured_report(HEAD_CT, 3)
    item = Dataset()
    item.RelationshipType, item.ValueType, item.TextValue = "HAS CONCEPT MOD", "TEXT", "x" * 5_000_000
    report.ContentSequence.append(item)
    assert encode_records(report).missing == ("TooLarge",)


def test_an_empty_selection_is_still_a_directory():
    assert kinds(link([])) == []


def test_big_endian_and_implicit_headers_become_explicit_records():
    for name in ("MR_small_bigendian.dcm", "MR_small_implicit.dcm"):
        dataset = image(KNEE_MR, 1, 1, sample=name)
        head(dataset, KNEE_MR, 1, 1, ANNA)
        assert kinds(directory(dataset)) == ["PATIENT", "STUDY", "SERIES", "IMAGE"]
