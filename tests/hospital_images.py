"""The images and reports of Ziekenhuis Noord: real files under made-up identities, and its master data."""

from __future__ import annotations

from pathlib import Path

import pydicom
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileDataset
from tests.cast import ANNA, BRAM, Person

ISSUER = "ZH-NOORD"
HEAD_CT, KNEE_MR, BRAMS_CT = "1.2.826.0.1.1", "1.2.826.0.1.2", "1.2.826.0.1.9"
NUMBERS = {ANNA.name: "4711", BRAM.name: "8022"}
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
_PDF_CLASS = "1.2.840.10008.5.1.4.1.1.104.1"


def image(study: str, series: int, number: int, person: Person = ANNA, sample: str = "CT_small.dcm") -> FileDataset:
    """A real image under a made-up identity."""
    dataset = pydicom.dcmread(str(get_testdata_file(sample, download=False)))
    head(dataset, study, series, number, person)
    return dataset


def head(dataset: Dataset, study: str, series: int, number: int, person: Person = ANNA) -> None:
    """Give an object its identity and its place: everything that a DICOMDIR asks for."""
    dataset.PatientName, dataset.PatientSex = person.name, person.sex
    dataset.PatientID, dataset.IssuerOfPatientID = NUMBERS.get(person.name, "9999"), ISSUER
    dataset.PatientBirthDate = person.birth_date.strftime("%Y%m%d")
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = study, f"{study}.{series}"
    dataset.StudyDate, dataset.StudyTime, dataset.StudyID = "20260503", "101500", "1"
    dataset.SeriesNumber, dataset.InstanceNumber = series, number
    dataset.SOPInstanceUID = f"{study}.{series}.{number}"
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID


def pdf_report(study: str, series: int, person: Person = ANNA, content: bytes = PDF) -> FileDataset:
    """A report as Encapsulated PDF."""
    dataset = image(study, series, 1, person)
    for keyword in ("PixelData", "Rows", "Columns", "BitsAllocated", "PixelRepresentation"):
        del dataset[keyword]
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = _PDF_CLASS
    dataset.Modality, dataset.DocumentTitle = "DOC", "Verslag CT schedel"
    dataset.MIMETypeOfEncapsulatedDocument = "application/pdf"
    dataset.EncapsulatedDocument = content + b"\0" * (len(content) % 2)
    dataset.EncapsulatedDocumentLength = len(content)
    return dataset


def structured_report(study: str, series: int) -> FileDataset:
    """A report as SR."""
    dataset = image(study, series, 1, sample="test-SR.dcm")
    dataset.ContentDate, dataset.ContentTime = "20260503", "110000"
    return dataset


def large_image(study: str, number: int, size_bytes: int) -> FileDataset:
    """An image with as many bytes of pixels as the test needs."""
    dataset = image(study, 1, number)
    dataset.Rows, dataset.Columns = size_bytes // 2048, 1024
    dataset.PixelData = number.to_bytes(2) * (size_bytes // 2)
    return dataset


def save(dataset: FileDataset, folder: Path, preamble: bytes = bytes(128)) -> Path:
    """Write a file under the folder, as the hospital's archive would."""
    file = folder / f"{dataset.SOPInstanceUID}.dcm"
    file.parent.mkdir(parents=True, exist_ok=True)
    dataset.preamble = preamble
    dataset.save_as(file, enforce_file_format=True)
    return file


def fill(folder: Path) -> None:
    """Anna's head CT (two series and both kinds of report) and knee MR, and Bram's CT."""
    for number in range(1, 6):
        save(image(HEAD_CT, 1, number), folder / "a", preamble=b"MZ" + bytes(126))
    for number in range(1, 3):
        save(image(HEAD_CT, 2, number), folder / "a")
    save(pdf_report(HEAD_CT, 3), folder / "a")
    save(structured_report(HEAD_CT, 4), folder / "a")
    save(image(KNEE_MR, 1, 1, sample="MR_small.dcm"), folder / "b")
    save(image(BRAMS_CT, 1, 1, BRAM), folder / "c")


def crosswalk_csv(file: Path, *more: str, people: tuple[Person, ...] = (ANNA, BRAM)) -> Path:
    """The hospital's master data."""
    lines = ["issuer,local_number,bsn,birth_date,name,sex,merged_into"]
    lines += [
        f"{ISSUER},{NUMBERS[person.name]},{person.bsn.reveal()},{person.birth_date},{person.name},{person.sex},"
        for person in people
    ]
    file.write_text("\n".join([*lines, *more]) + "\n", encoding="utf-8")
    return file
