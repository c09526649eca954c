"""Directory records: what a DICOMDIR says of one object, encoded when the object comes in.

Links are left empty and the file ID has a fixed width, for `dicomdir.py` to fill in. A record whose required
attributes the object lacks is not made: no value is ever invented, since a clinician would believe it.

*Source:* DICOM PS3.3 Annex F.5 (records), PS3.5 §6.1 (character sets), §7.1.2 (Explicit VR).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from pydicom import dcmread
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence as DicomSequence

from beeldpas.formats import records
from beeldpas.formats.dicom import UNREADABLE, lenient, text

FILE_ID_BYTES = 32
_IN_USE = 0xFFFF
_LARGEST_RECORD = 4 * 1024 * 1024
_TEXT = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT"})
_UNDECODABLE = "\ufffd"


@dataclass(frozen=True, slots=True)
class Records:
    """The encoded records for one instance, or the names of the attributes that it lacks for them."""

    patient: bytes = b""
    study: bytes = b""
    series: bytes = b""
    leaf: bytes = b""
    missing: tuple[str, ...] = ()


def encode_records(dataset: Dataset, file: BinaryIO | None = None) -> Records:
    """Encode the directory records of one stored object; `missing` says why it cannot be listed.

    Text stands in a record byte for byte as in `file`, also where it cannot be decoded.
    """
    kind = records.kind_of(dataset)
    with lenient():
        missing = tuple(
            keyword
            for level in ("PATIENT", "STUDY", "SERIES", kind)
            for keyword in _required(level)
            if not _has_value(dataset, keyword)
        )
        if _is_verified(dataset, kind) and not _verified_at(dataset):
            missing += ("VerificationDateTime",)
        if missing:
            return Records(missing=missing)
        try:
            patient, study, series = (_encode(dataset, level, file) for level in ("PATIENT", "STUDY", "SERIES"))
            found = Records(patient, study, series, _encode(dataset, kind, file, leaf=True))
        except UNREADABLE:
            return Records(missing=("Unreadable",))
    return found if len(found.leaf) <= _LARGEST_RECORD else Records(missing=("TooLarge",))


def _required(kind: str) -> Iterator[str]:
    return (keyword for keyword in records.KEYS[kind].split() if not keyword.endswith("?"))


def _has_value(dataset: Dataset, keyword: str) -> bool:
    try:
        element = dataset.get(keyword)
    except UNREADABLE:
        return False
    if isinstance(element, DicomSequence):
        return len(element) > 0
    return text(dataset, keyword) != ""


def _encode(dataset: Dataset, kind: str, file: BinaryIO | None, leaf: bool = False) -> bytes:
    record = Dataset()
    if "SpecificCharacterSet" in dataset:
        record.SpecificCharacterSet = dataset.SpecificCharacterSet
    # What is raw in it is then written as it is.
    record.set_original_encoding(False, True, dataset.original_character_set)
    for name in records.KEYS[kind].split():
        _copy(dataset, record, name.rstrip("?"), file)
    for keyword in records.CONDITIONAL.get(kind, "").split():
        if _has_value(dataset, keyword):
            _copy(dataset, record, keyword, file)
    if kind in records.MODIFIED and (modifiers := _modifiers(dataset)):
        record.ContentSequence = modifiers
    if _is_verified(dataset, kind):
        record.VerificationDateTime = _verified_at(dataset)
    content = element(0x1400, b"UL", bytes(4)) + element(0x1410, b"US", struct.pack("<H", _IN_USE))
    content += element(0x1420, b"UL", bytes(4)) + element(0x1430, b"CS", kind.encode())
    content += _references(dataset) if leaf else b""
    content += _explicit(record)
    return b"\xfe\xff\x00\xe0" + struct.pack("<L", len(content)) + content


def _copy(dataset: Dataset, record: Dataset, keyword: str, file: BinaryIO | None) -> None:
    if keyword not in dataset:
        setattr(record, keyword, DicomSequence() if keyword.endswith("Sequence") else None)
        return
    element = dataset[keyword]
    if file is not None and element.VR in _TEXT and _may_be_written_otherwise(dataset, str(element.value)):
        record[element.tag] = _raw(file, keyword)._replace(VR=element.VR)
    else:
        record.add(element)


def _may_be_written_otherwise(dataset: Dataset, value: str) -> bool:
    """Say whether a text, decoded and encoded again, could come out as other bytes."""
    switches = isinstance(dataset.get("SpecificCharacterSet"), MultiValue)
    return _UNDECODABLE in value or "\x1b" in value or (switches and not value.isascii())


def _raw(file: BinaryIO, keyword: str) -> RawDataElement:
    file.seek(0)
    found = dcmread(file, stop_before_pixels=True, specific_tags=[keyword]).get_item(keyword)
    assert isinstance(found, RawDataElement)  # noqa: S101  (nobody looked at its value)
    return found


def _is_verified(dataset: Dataset, kind: str) -> bool:
    return kind in records.VERIFIED and text(dataset, "VerificationFlag") == "VERIFIED"


def _verified_at(dataset: Dataset) -> str:
    """Return when a document was last verified; "" when nobody says."""
    observers = dataset.get("VerifyingObserverSequence") or []
    return max((text(item, "VerificationDateTime") for item in observers), default="")


def _modifiers(dataset: Dataset) -> list[Dataset]:
    return [
        item for item in dataset.get("ContentSequence") or [] if item.get("RelationshipType") == "HAS CONCEPT MOD"
    ]


def _references(dataset: Dataset) -> bytes:
    uids = ((0x1510, "SOPClassUID"), (0x1511, "SOPInstanceUID"))
    syntax = text(dataset.file_meta, "TransferSyntaxUID")
    return (
        element(0x1500, b"CS", b" " * FILE_ID_BYTES)
        + b"".join(element(tag, b"UI", text(dataset, keyword).encode()) for tag, keyword in uids)
        + element(0x1512, b"UI", syntax.encode())
    )


def _explicit(dataset: Dataset) -> bytes:
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, False
    write_dataset(buffer, dataset)
    return buffer.getvalue()


def element(tag: int, vr: bytes, value: bytes, group: int = 4) -> bytes:
    """Encode a short element of the directory: Explicit VR Little Endian, padded to an even length."""
    padded = value + (b"\0" if vr == b"UI" else b" ") * (len(value) % 2)
    return struct.pack("<HH2sH", group, tag, vr, len(padded)) + padded
