"""DICOM files as they are stored and served: reading the header, the preamble.

Pixels are never decoded here. What cannot be read raises one error with a reason a person can act on.

*Source:* DICOM PS3.10 §7 (file format); CVE-2019-11687 (programs in a preamble).
"""

import re
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from threading import RLock
from typing import BinaryIO, cast

from pydicom import config, dcmread
from pydicom.dataset import Dataset, FileDataset
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.multival import MultiValue
from pydicom.uid import DeflatedExplicitVRLittleEndian, MediaStorageDirectoryStorage

from beeldpas.domain.errors import Malformed
from beeldpas.domain.uid import is_uid
from beeldpas.formats.soundness import (
    Bounded,
    check_inflated_size,
    check_last_head,
    check_pixels,
    check_shape,
    check_structure,
    check_values,
)

PREAMBLE_BYTES = 128
_PREFIX = b"DICM"
_LENIENT = RLock()
# What pydicom raises on data that is not what it says; all of them mean: this file cannot be read.
UNREADABLE = (
    InvalidDicomError, BytesLengthException, ValueError, KeyError, TypeError, AttributeError, IndexError,
    NotImplementedError, EOFError, OSError, LookupError, OverflowError, RecursionError, AssertionError, struct.error,
    zlib.error, UserWarning,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose images a file says these are; every part as it stands there, empty when absent."""

    patient_id: str
    issuer: str
    name: str
    birth_date: date | None
    sex: str


@dataclass(frozen=True, slots=True)
class Instance:
    """What an index must know of one file. `number` and dates are None when absent or unreadable."""

    sop_uid: str
    sop_class: str
    study_uid: str
    series_uid: str
    transfer_syntax: str
    number: int | None
    identity: Identity
    study_date: str
    study_time: str
    study_description: str
    accession: str
    series_number: int | None
    modality: str
    series_description: str
    body_part: str
    laterality: str


@contextmanager
def lenient() -> Iterator[None]:
    """Read and write values that break the standard's rules without a word: the hospital made them so.

    One thread at a time: what pydicom and warnings are told holds for the whole process.
    """
    settings = config.settings
    with _LENIENT, warnings.catch_warnings():
        modes = settings.reading_validation_mode, settings.writing_validation_mode
        settings.reading_validation_mode = settings.writing_validation_mode = config.IGNORE
        warnings.simplefilter("ignore")
        warnings.filterwarnings("error", message="End of file reached")
        try:
            yield
        finally:
            settings.reading_validation_mode, settings.writing_validation_mode = modes


def read_header(file: BinaryIO, size: int) -> FileDataset:
    """Read a Part 10 file up to its pixels. `size` is the file's length in bytes.

    Raises: Malformed("not_part10"), ("unreadable"), ("truncated"), ("too_large"), ("too_deep") or ("dicomdir").
    """
    file.seek(0)
    if file.read(PREAMBLE_BYTES + 4)[PREAMBLE_BYTES:] != _PREFIX:
        raise Malformed("not_part10")
    try:
        with lenient():
            return _read(file, size)
    except UNREADABLE as error:
        raise Malformed("unreadable") from error


def _read(file: BinaryIO, size: int) -> FileDataset:
    check_inflated_size(file)
    file.seek(0)
    dataset = dcmread(cast(BinaryIO, Bounded(file, size)), stop_before_pixels=True)
    end = file.tell()
    if dataset.file_meta.get("MediaStorageSOPClassUID") == MediaStorageDirectoryStorage:
        raise Malformed("dicomdir")
    is_deflated = dataset.file_meta.get("TransferSyntaxUID") == DeflatedExplicitVRLittleEndian
    check_values(dataset)
    if not is_deflated:
        check_last_head(file, dataset)
    check_structure(dataset)
    check_shape(dataset)
    if not is_deflated:
        check_pixels(file, end, size, dataset)
    return dataset


def instance_of(dataset: Dataset) -> Instance:
    """Return what the index needs. Raises: Malformed("uid") when the file does not say what it is."""
    meta = dataset.file_meta
    with lenient():
        found = Instance(
            sop_uid=text(dataset, "SOPInstanceUID"),
            sop_class=text(dataset, "SOPClassUID"),
            study_uid=text(dataset, "StudyInstanceUID"),
            series_uid=text(dataset, "SeriesInstanceUID"),
            transfer_syntax=text(meta, "TransferSyntaxUID"),
            number=number(dataset, "InstanceNumber"),
            identity=identity_of(dataset),
            study_date=text(dataset, "StudyDate"),
            study_time=text(dataset, "StudyTime"),
            study_description=text(dataset, "StudyDescription"),
            accession=text(dataset, "AccessionNumber"),
            series_number=number(dataset, "SeriesNumber"),
            modality=text(dataset, "Modality"),
            series_description=text(dataset, "SeriesDescription"),
            body_part=text(dataset, "BodyPartExamined"),
            laterality=text(dataset, "Laterality") or text(dataset, "ImageLaterality"),
        )
    uids = (found.sop_uid, found.sop_class, found.study_uid, found.series_uid, found.transfer_syntax)
    if not all(map(is_uid, uids)):
        raise Malformed("uid")
    return found


def identity_of(dataset: Dataset) -> Identity:
    """Return whose images these are, as the file says."""
    return Identity(
        patient_id=text(dataset, "PatientID"),
        issuer=text(dataset, "IssuerOfPatientID"),
        name=text(dataset, "PatientName"),
        birth_date=dicom_date(text(dataset, "PatientBirthDate")),
        sex=text(dataset, "PatientSex"),
    )


def text(dataset: Dataset, keyword: str) -> str:
    """Return an element as text, its first value when it has several; "" when absent or unreadable."""
    try:
        value = dataset.get(keyword)
    except UNREADABLE:
        return ""
    if isinstance(value, MultiValue):
        value = value[0] if value else None
    return "" if value is None else str(value).strip(" \0")


def number(dataset: Dataset, keyword: str) -> int | None:
    """Return a whole number, or None when the element is absent or is none."""
    found = text(dataset, keyword)
    return int(found) if re.fullmatch(r"[+-]?[0-9]{1,12}", found) else None


def dicom_date(value: str) -> date | None:
    """Read a DA value (also the dotted form of ACR-NEMA); None when it is no date."""
    try:
        return datetime.strptime(value.replace(".", ""), "%Y%m%d").date()  # noqa: DTZ007 - a DA has no zone
    except ValueError:
        return None


def dicom_moment(day: str, time: str) -> datetime | None:
    """Join a DA and a TM value into a local moment; a missing or odd time is midnight. None without a date."""
    found = dicom_date(day)
    if found is None:
        return None
    digits = re.match(r"(\d{2}):?(\d{2})?:?(\d{2})?", time)
    hour, minute, second = (int(part or 0) for part in digits.groups()) if digits else (0, 0, 0)
    try:
        return datetime(found.year, found.month, found.day, hour, minute, second)  # noqa: DTZ001
    except ValueError:
        return datetime(found.year, found.month, found.day)  # noqa: DTZ001


def without_preamble(start: int, chunk: bytearray | memoryview) -> None:
    """Zero what of the preamble lies in a chunk that begins `start` bytes into the file.

    Its 128 bytes may hold a program, which no receiver of images should get.
    """
    if start < PREAMBLE_BYTES:
        stop = min(PREAMBLE_BYTES - start, len(chunk))
        chunk[:stop] = bytes(stop)
