"""Records of every kind, compared with what pydicom and dcmtk make of the same objects, and read by dicom3tools."""

import shutil
import subprocess
from io import BytesIO
from pathlib import Path
from sysconfig import get_path

import pydicom
import pytest
from pydicom import fileset
from pydicom.datadict import dictionary_VR, keyword_dict
from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import UID_dictionary
from tests.cast import BRAM
from tests.hospital_images import BRAMS_CT, HEAD_CT, KNEE_MR, image, pdf_report, structured_report

from beeldpas.formats import records
from beeldpas.formats.dicomdir import Branch, Leaf, link
from beeldpas.formats.directory_record import encode_records

DICOM3TOOLS = Path(get_path("scripts"))
STORAGE = "1.2.840.10008.5.1.4.1.1."
A_CLASS = {
    "IMAGE": "2", "RT DOSE": "481.2", "RT STRUCTURE SET": "481.3", "RT PLAN": "481.5", "RT TREAT RECORD": "481.4",
    "PRESENTATION": "11.1", "WAVEFORM": "9.1.1", "SR DOCUMENT": "88.11", "KEY OBJECT DOC": "88.59",
    "SPECTROSCOPY": "4.2", "RAW DATA": "66", "REGISTRATION": "66.1", "FIDUCIAL": "66.2", "ENCAP DOC": "104.1",
    "VALUE MAP": "67", "STEREOMETRIC": "77.1.5.3", "MEASUREMENT": "78.1", "SURFACE": "66.5", "SURFACE SCAN": "68.1",
    "TRACT": "66.6", "ASSESSMENT": "90.1", "RADIOTHERAPY": "481.12", "PLAN": "200.1",
}  # fmt: skip
VALUES = {
    "DA": "20260503", "TM": "101500", "DT": "20260503101500", "IS": "1", "DS": "1", "CS": "COMPLETE", "LO": "Naam",
    "SH": "1", "ST": "Naam", "LT": "Naam", "PN": "Evers^E", "UI": "1.2.3", "US": 8, "UL": 8, "SQ": "code",
}  # fmt: skip
# pydicom knows fewer classes than the standard: it takes these for images.
KNOWN_TO_US_ALONE = ("9.", "11.", "78.8", "88.", "104.", "481.")
NOT_OF_A_STUDY = {"HANGING PROTOCOL", "PALETTE", "IMPLANT", "IMPLANT ASSY", "IMPLANT GROUP"}


def code() -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = "18748-4", "LN", "Diagnostic imaging study"
    return item


def an_object(kind: str) -> FileDataset:
    """An object that has everything that a record of its kind may hold."""
    dataset = image(HEAD_CT, 1, 1)
    dataset.SOPClassUID = STORAGE + A_CLASS[kind]
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    if kind == "PLAN":
        dataset.Modality = "PLAN"
    for name in (records.KEYS[kind] + " " + records.CONDITIONAL.get(kind, "")).split():
        keyword = name.rstrip("?")
        if keyword not in dataset:
            vr = dictionary_VR(keyword_tag(keyword))
            setattr(dataset, keyword, [code()] if vr == "SQ" else VALUES[vr])
    return dataset


def keyword_tag(keyword: str) -> int:
    return next(tag for tag, known in keywords().items() if known == keyword)


def keywords() -> dict[int, str]:
    return {tag: keyword for keyword, tag in keyword_dict.items()}


def read(content: bytes) -> list[Dataset]:
    return list(pydicom.dcmread(BytesIO(content)).DirectoryRecordSequence)


def directory(*objects: Dataset) -> bytes:
    """One series for each object, all in one study a patient."""
    patients: dict[str, Branch] = {}
    for number, one in enumerate(objects, 1):
        found = encode_records(one)
        assert found.missing == (), found.missing
        leaf = Leaf(found.leaf, ("DICOM", "ST000001", f"SE{number:06d}", "IM000001"))
        patient = patients.setdefault(one.PatientID, Branch(found.patient, [Branch(found.study)]))
        study = patient.below[0]
        assert isinstance(study, Branch)
        study.below.append(Branch(found.series, [leaf]))
    return link(list(patients.values()))


def test_every_class_gets_the_kind_of_record_that_pydicom_gives_it():
    differ = {}
    for uid, (name, kind, *_) in UID_dictionary.items():
        theirs = fileset._FOUR_LEVEL_SOP_CLASSES.get(uid, "IMAGE")
        dataset = Dataset()
        dataset.SOPClassUID = uid
        ours = records.kind_of(dataset)
        if kind == "SOP Class" and "Storage" in name and uid.startswith(STORAGE) and ours != theirs:
            differ[uid.removeprefix(STORAGE)] = (name, ours, theirs)
    assert {theirs for _, _, theirs in differ.values()} == {"IMAGE"}
    assert [suffix for suffix in differ if not suffix.startswith(KNOWN_TO_US_ALONE)] == []


def test_there_is_an_object_of_every_kind():
    assert A_CLASS.keys() == records.KEYS.keys() - {"PATIENT", "STUDY", "SERIES"}
    assert A_CLASS.keys() == fileset.DIRECTORY_RECORDERS.keys() - {"PATIENT", "STUDY", "SERIES"} - NOT_OF_A_STUDY


@pytest.mark.parametrize("kind", A_CLASS)
def test_a_record_holds_what_pydicom_would_put_in_it(kind):
    dataset = an_object(kind)
    patient, study, series, leaf = read(directory(dataset))
    assert leaf.DirectoryRecordType == kind
    for level, ours in (("PATIENT", patient), ("STUDY", study), ("SERIES", series), (kind, leaf)):
        theirs = fileset.DIRECTORY_RECORDERS[level](dataset)
        differ = [element.keyword for element in theirs if ours.get(element.keyword) != (element.value or None)
                  and (ours[element.tag].value or element.value)]  # fmt: skip
        assert differ == []


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same files with two directories: ours, and dcmmkdir's."""
    state = an_object("PRESENTATION")
    del state.BlendingSequence  # dcmmkdir copies a part of it
    state.ReferencedSeriesSequence = [Dataset()]
    state.ReferencedSeriesSequence[0].SeriesInstanceUID = HEAD_CT + ".1"
    objects = [
        image(HEAD_CT, 1, 1), image(HEAD_CT, 2, 1, sample="MR_small.dcm"), pdf_report(HEAD_CT, 3),
        structured_report(HEAD_CT, 4), state, image(BRAMS_CT, 1, 1, BRAM), *(an_object(kind) for kind in
        ("KEY OBJECT DOC", "WAVEFORM", "RAW DATA", "REGISTRATION", "FIDUCIAL", "RT DOSE", "RT PLAN", "VALUE MAP")),
    ]  # fmt: skip
    for number, one in enumerate(objects, 1):
        one.StudyDescription, one.StudyInstanceUID = "CT schedel", f"{KNEE_MR}.{one.PatientID}"
        one.SeriesInstanceUID = f"{one.StudyInstanceUID}.{number}"
        one.SOPInstanceUID = one.file_meta.MediaStorageSOPInstanceUID = f"{one.SeriesInstanceUID}.1"
    ours = tmp_path_factory.mktemp("ours")
    for number, one in enumerate(objects, 1):
        place = ours / "DICOM" / "ST000001" / f"SE{number:06d}"
        place.mkdir(parents=True)
        one.save_as(place / "IM000001", enforce_file_format=True)
    theirs = tmp_path_factory.mktemp("theirs")
    shutil.copytree(ours / "DICOM", theirs / "DICOM")
    (ours / "DICOMDIR").write_bytes(directory(*objects))
    names = sorted(path.relative_to(theirs) for path in theirs.rglob("IM*"))
    done = subprocess.run(
        ["dcmmkdir", "-Pfl", *map(str, names)], cwd=theirs, capture_output=True, text=True, check=False
    )
    assert "E:" not in done.stderr, done.stderr
    return ours, theirs


def by_key(folder: Path) -> dict[tuple[str, str], Dataset]:
    found = {}
    for record in pydicom.dcmread(folder / "DICOMDIR").DirectoryRecordSequence:
        names = ("ReferencedFileID", "SeriesInstanceUID", "StudyInstanceUID", "PatientID")
        key = next(str(record[name].value) for name in names if name in record)
        found[record.DirectoryRecordType, key] = record
    return found


def test_dcmmkdir_makes_the_same_records_with_the_same_values(media):
    ours, theirs = (by_key(folder) for folder in media)
    assert ours.keys() == theirs.keys()
    for key, record in theirs.items():
        for element in record:
            if element.tag.group == 4 and element.tag.element < 0x1500:
                continue  # offsets
            if element.keyword == "SpecificCharacterSet" or not element.value:
                continue
            assert ours[key].get(element.keyword) == element.value, (key, element.keyword)


def test_dicom3tools_reads_ours_and_misses_nothing_that_it_does_not_miss_in_theirs(media):
    ours, theirs = (complaints(folder / "DICOMDIR") for folder in media)
    assert {line for line in ours - theirs if line.startswith("Error")} == set()
    told = subprocess.run(
        [DICOM3TOOLS / "dcdirdmp", media[0] / "DICOMDIR"], capture_output=True, text=True, check=True
    )
    assert told.stderr.count(" -> ") + told.stdout.count(" -> ") == len(list(media[0].rglob("IM*")))
    assert "Error" not in told.stderr + told.stdout


def complaints(file: Path) -> set[str]:
    done = subprocess.run([DICOM3TOOLS / "dciodvfy", file], capture_output=True, text=True, check=False)
    return {line for line in (done.stdout + done.stderr).splitlines() if line.startswith(("Error", "Warning"))}
