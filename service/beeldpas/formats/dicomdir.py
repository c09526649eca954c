"""DICOMDIR: directory records encoded once per instance, linked for any selection by patching offsets.

A record is encoded with empty links and a file ID of fixed width, so that a selection of thousands of
instances is linked in milliseconds. A record whose required attributes the object lacks is not made:
no value is ever invented, since a clinician would believe it.

*Source:* DICOM PS3.3 Annex F (basic directory IOD), PS3.10 §8 (file-set), PS3.5 §7.5 (sequences).
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.sequence import Sequence as DicomSequence

from beeldpas.domain.errors import Malformed
from beeldpas.formats import records
from beeldpas.formats.dicom import UNREADABLE, lenient, text

FILE_ID_BYTES = 32
_NEXT_AT, _LOWER_AT, _KIND_AT = 16, 38, 42
_IN_USE = 0xFFFF
_SOP_CLASS = b"1.2.840.10008.1.3.10"
_SYNTAX = b"1.2.840.10008.1.2.1"
_IMPLEMENTATION = b"2.25.232865703620873935028435529955646103573"
_FILE_SET_ID = b"BEELDPAS"


@dataclass(frozen=True, slots=True)
class Records:
    """The encoded records for one instance, or the names of the attributes that it lacks for them."""

    patient: bytes = b""
    study: bytes = b""
    series: bytes = b""
    leaf: bytes = b""
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Leaf:
    """A file of the selection: its encoded record and its file ID ("DICOM", "ST000001", …)."""

    record: bytes
    file_id: Sequence[str]


@dataclass(slots=True)
class Branch:
    """A patient, study or series of the selection with what is below it."""

    record: bytes
    below: "list[Branch | Leaf]" = field(default_factory=list)


def encode_records(dataset: Dataset) -> Records:
    """Encode the directory records of one stored object; `missing` says why it cannot be listed."""
    kind = records.kind_of(dataset)
    with lenient():
        missing = tuple(
            keyword
            for level in ("PATIENT", "STUDY", "SERIES", kind)
            for keyword in _required(level)
            if not _has_value(dataset, keyword)
        )
        if missing:
            return Records(missing=missing)
        try:
            return Records(
                patient=_encode(dataset, "PATIENT"),
                study=_encode(dataset, "STUDY"),
                series=_encode(dataset, "SERIES"),
                leaf=_encode(dataset, kind, leaf=True),
            )
        except UNREADABLE:
            return Records(missing=("Unreadable",))


def link(patients: Sequence[Branch]) -> bytes:
    """Return the DICOMDIR of a selection: byte for byte the same for the same records in the same order.

    Raises: Malformed("dicomdir_too_large") when offsets no longer fit (4 GiB).
    """
    body = bytearray()
    start = _PREFIX_BYTES
    last = _link_level(body, patients, start)
    if start + len(body) >= 0xFFFFFFFF:
        raise Malformed("dicomdir_too_large")
    return _head(_uid_of(body)) + _root(start if patients else 0, last, len(body)) + bytes(body)


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


def _encode(dataset: Dataset, kind: str, leaf: bool = False) -> bytes:
    record = Dataset()
    if "SpecificCharacterSet" in dataset:
        record.SpecificCharacterSet = dataset.SpecificCharacterSet
    for name in records.KEYS[kind].split():
        keyword = name.rstrip("?")
        _copy(dataset, record, keyword)
    for keyword in records.CONDITIONAL.get(kind, "").split():
        if _has_value(dataset, keyword):
            _copy(dataset, record, keyword)
    if kind in records.MODIFIED and (modifiers := _modifiers(dataset)):
        record.ContentSequence = modifiers
    content = _element(0x1400, b"UL", bytes(4)) + _element(0x1410, b"US", struct.pack("<H", _IN_USE))
    content += _element(0x1420, b"UL", bytes(4)) + _element(0x1430, b"CS", kind.encode())
    content += _references(dataset) if leaf else b""
    content += _explicit(record)
    return b"\xfe\xff\x00\xe0" + struct.pack("<L", len(content)) + content


def _copy(dataset: Dataset, record: Dataset, keyword: str) -> None:
    if keyword in dataset:
        record.add(dataset[keyword])
    else:
        setattr(record, keyword, DicomSequence() if keyword.endswith("Sequence") else None)


def _modifiers(dataset: Dataset) -> list[Dataset]:
    return [
        item for item in dataset.get("ContentSequence") or [] if item.get("RelationshipType") == "HAS CONCEPT MOD"
    ]


def _references(dataset: Dataset) -> bytes:
    uids = ((0x1510, "SOPClassUID"), (0x1511, "SOPInstanceUID"))
    syntax = text(dataset.file_meta, "TransferSyntaxUID")
    return (
        _element(0x1500, b"CS", b" " * FILE_ID_BYTES)
        + b"".join(_element(tag, b"UI", text(dataset, keyword).encode()) for tag, keyword in uids)
        + _element(0x1512, b"UI", syntax.encode())
    )


def _explicit(dataset: Dataset) -> bytes:
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, False
    write_dataset(buffer, dataset)
    return buffer.getvalue()


def _element(tag: int, vr: bytes, value: bytes, group: int = 4) -> bytes:
    padded = value + (b"\0" if vr == b"UI" else b" ") * (len(value) % 2)
    return struct.pack("<HH2sH", group, tag, vr, len(padded)) + padded


def _link_level(body: bytearray, nodes: "Sequence[Branch | Leaf]", start: int) -> int:
    """Append a level and all below it; return the offset in the file of its last record (0 when empty)."""
    previous = None
    for node in nodes:
        at = len(body)
        if previous is not None:
            struct.pack_into("<L", body, previous + _NEXT_AT, start + at)
        body += node.record
        if isinstance(node, Leaf):
            _set_file_id(body, at, node.file_id)
        elif node.below:
            struct.pack_into("<L", body, at + _LOWER_AT, start + len(body))
            _link_level(body, node.below, start)
        previous = at
    return 0 if previous is None else start + previous


def _set_file_id(body: bytearray, at: int, file_id: Sequence[str]) -> None:
    value = "\\".join(file_id).encode("ascii").ljust(FILE_ID_BYTES)
    if len(value) != FILE_ID_BYTES:
        raise ValueError("file ID does not fit its place")
    kind_length = struct.unpack_from("<H", body, at + _KIND_AT + 6)[0]
    place = at + _KIND_AT + 8 + kind_length + 8
    body[place : place + FILE_ID_BYTES] = value


def _uid_of(body: bytearray) -> bytes:
    """Name the directory after what it holds, so that the same selection is the same file; always 44 long."""
    return f"2.25.{int.from_bytes(sha256(body).digest()[:16]) | 1 << 127}".encode()


def _head(uid: bytes) -> bytes:
    meta = b"".join(
        (
            struct.pack("<HH2sHL", 2, 1, b"OB", 0, 2) + b"\x00\x01",
            _element(0x0002, b"UI", _SOP_CLASS, 2),
            _element(0x0003, b"UI", uid, 2),
            _element(0x0010, b"UI", _SYNTAX, 2),
            _element(0x0012, b"UI", _IMPLEMENTATION, 2),
            _element(0x0013, b"SH", _FILE_SET_ID, 2),
        )
    )
    return bytes(128) + b"DICM" + _element(0, b"UL", struct.pack("<L", len(meta)), 2) + meta


def _root(first: int, last: int, length: int) -> bytes:
    return (
        _element(0x1130, b"CS", _FILE_SET_ID)
        + _element(0x1200, b"UL", struct.pack("<L", first))
        + _element(0x1202, b"UL", struct.pack("<L", last))
        + _element(0x1212, b"US", bytes(2))
        + struct.pack("<HH2sHL", 4, 0x1220, b"SQ", 0, length)
    )


_PREFIX_BYTES = len(_head(_uid_of(bytearray())) + _root(0, 0, 0))
