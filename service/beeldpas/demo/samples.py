"""Writes the hospitals' files: real images under made-up identities, as Part 10 files, the same every time.

Of each image the name, birth date, sex, patient number and institution are replaced; the preamble, the transfer
syntax and all other attributes stay as found. *Source:* DICOM PS3.10 §7 (file format), PS3.3 C.2.2 (issuer).
"""

from collections.abc import Iterator
from copy import deepcopy
from hashlib import sha256
from inspect import getsource
from pathlib import Path
from shutil import rmtree
from types import ModuleType
from typing import Final

import pydicom
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import generate_uid

from beeldpas.demo import curation, people, reports
from beeldpas.demo.curation import (
    COLLECTIONS,
    HOSPITALS,
    IN_PACS,
    LARGE,
    MISFILED,
    OOST,
    STRAYS,
    Collection,
    Hospital,
    LargeStudy,
)
from beeldpas.demo.people import Patient

_BUNDLED: Final = Path(pydicom.__file__).parent / "data" / "test_files"
PACS_FOLDER: Final = "pacs"
_MARK: Final = "made-by.txt"
_NOT_AN_IMAGE: Final = "This is no image. Real folders hold such files too.\n"


def make_samples(folder: Path) -> bool:
    """Write every hospital's files below `folder`; returns false when the right ones stood there already."""
    mark, fingerprint = folder / _MARK, samples_mark()
    if mark.is_file() and mark.read_text() == fingerprint:
        return False
    rmtree(folder, ignore_errors=True)
    for hospital in (*HOSPITALS, OOST):
        _write_hospital(hospital, folder / hospital.gateway_id)
    _write_all(folder / PACS_FOLDER, _collected(IN_PACS))
    mark.write_text(fingerprint)
    return True


def source_file(name: str) -> Path:
    """Return where a sample image lies inside the installed packages.

    Raises: FileNotFoundError.
    """
    bundled = _BUNDLED / name
    if bundled.is_file():
        return bundled
    found = get_testdata_file(name, read=False, download=False)
    if not isinstance(found, str):
        raise FileNotFoundError(name)
    return Path(found)


def study_uid(collection: Collection) -> str:
    """Return which study a collection is: that of its images, as found."""
    header = pydicom.dcmread(source_file(collection.files[0]), specific_tags=["StudyInstanceUID"])
    return str(header.StudyInstanceUID)


def samples_mark() -> str:
    """Return what the samples are made from: when this changes they are made anew."""
    modules: tuple[ModuleType, ...] = (curation, people, reports)
    text = "".join(getsource(module) for module in modules) + Path(__file__).read_text() + pydicom.__version__
    return sha256(text.encode()).hexdigest()


def _write_hospital(hospital: Hospital, folder: Path) -> None:
    studies = [study for study in COLLECTIONS if study.hospital == hospital]
    for number, collection in enumerate(studies, start=1):
        _write_all(folder / f"ST{number:02}", _collected(collection))
    _write_all(folder / "STRAY", _strays(hospital))
    if hospital == LARGE.hospital:
        _write_all(folder / "LARGE", _clones(LARGE))
    (folder / "LEESMIJ.TXT").write_text(_NOT_AN_IMAGE)


def _write_all(folder: Path, images: Iterator[Dataset]) -> None:
    for number, image in enumerate(images, start=1):
        folder.mkdir(parents=True, exist_ok=True)
        image.save_as(folder / f"IM{number:04}.dcm", enforce_file_format=True)


def _collected(collection: Collection) -> Iterator[Dataset]:
    images = [pydicom.dcmread(source_file(name)) for name in collection.files]
    for image in () if collection.without_images else images:
        _identify(image, collection.patient, collection.hospital, collection.number)
        image.InstitutionName = (collection.made_at or collection.hospital).name
        yield image
    for report in reports.reports_of(images[0], collection.report, source_file("reportsi.dcm")):
        _identify(report, collection.patient, collection.hospital, collection.number)
        yield report


def _strays(hospital: Hospital) -> Iterator[Dataset]:
    for stray in (*STRAYS, *MISFILED):
        if stray.hospital == hospital:
            image = pydicom.dcmread(source_file(stray.file))
            _identify(image, stray.patient, hospital, number=stray.number)
            image.PatientBirthDate = stray.birth_date
            yield image


def _clones(large: LargeStudy) -> Iterator[Dataset]:
    model = pydicom.dcmread(source_file(large.file))
    _identify(model, large.patient, large.hospital)
    model.StudyInstanceUID = _uid("study", large.file)
    model.StudyDate, model.StudyTime, model.StudyID = large.study_date, "101500", "1"
    model.StudyDescription, model.BodyPartExamined = large.description, "HEAD"
    for index in range(large.instances):
        yield _clone(model, large, index)


def _clone(model: FileDataset, large: LargeStudy, index: int) -> Dataset:
    series, slice_number = divmod(index, large.instances // large.series)
    image = deepcopy(model)
    image.SeriesInstanceUID = _uid("series", large.file, str(series))
    image.SeriesNumber = series + 1
    image.SOPInstanceUID = _uid("instance", large.file, str(index))
    image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
    image.InstanceNumber = slice_number + 1
    left, front, foot = model.ImagePositionPatient
    image.ImagePositionPatient = [left, front, foot + slice_number]
    image.SliceLocation = foot + slice_number
    return image


def _identify(image: Dataset, patient: Patient, hospital: Hospital, number: str = "") -> None:
    image.PatientName = patient.dicom_name
    image.PatientBirthDate = patient.birth_date.strftime("%Y%m%d")
    image.PatientSex = patient.sex
    image.PatientID = number or patient.numbers[hospital.gateway_id]
    image.IssuerOfPatientID = hospital.issuer
    image.InstitutionName = hospital.name


def _uid(*parts: str) -> str:
    return generate_uid(entropy_srcs=["beeldpas demo", *parts])
