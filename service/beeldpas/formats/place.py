"""Where a DICOM file belongs: its study, its series and its place there, at a glance.

The elements that tell stand near the beginning: those before them are passed over, and what is not encoded as nearly
every file is, is left to pydicom. What a glance says is not checked beyond its form.

*Source:* DICOM PS3.5 §7 (elements, sequences); PS3.3 §C.7.2.1, §C.7.3.1, §C.12.1 (the UIDs).
"""

import re
import struct
from dataclasses import dataclass
from typing import BinaryIO, cast

from pydicom import dcmread
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian

from beeldpas.domain.errors import Malformed
from beeldpas.domain.uid import is_uid
from beeldpas.formats.dicom import UNREADABLE, Instance, lenient, number, text
from beeldpas.formats.soundness import Bounded, check_inflated_size

_HEAD_BYTES = 64 * 1024
_SYNTAX, _SOP, _STUDY, _SERIES, _NUMBER = 0x00020010, 0x00080018, 0x0020000D, 0x0020000E, 0x00200013
_WANTED = frozenset({_SYNTAX, _SOP, _STUDY, _SERIES, _NUMBER})
_ITEM, _ITEM_END, _SEQUENCE_END, _UNDEFINED = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD, 0xFFFFFFFF
_LONG_VR = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UR", b"UT", b"UV"})
_KEYWORDS = ["SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "InstanceNumber"]
_TAG_AND_LENGTH, _LENGTH = struct.Struct("<HHL"), struct.Struct("<L")


@dataclass(frozen=True, slots=True)
class Place:
    """Study, series, and within that a number (None when there is none)."""

    study_uid: str
    series_uid: str
    sop_uid: str
    number: int | None


def place_of(instance: Instance) -> Place:
    """Return where an instance belongs."""
    return Place(instance.study_uid, instance.series_uid, instance.sop_uid, instance.number)


def glance(file: BinaryIO, size: int) -> Place:
    """Read where a Part 10 file of `size` bytes belongs. Raises: Malformed when that cannot be told so quickly."""
    file.seek(0)
    found = _from_head(file.read(_HEAD_BYTES)) or _from_data_set(file, size)
    if not all(map(is_uid, (found.study_uid, found.series_uid, found.sop_uid))):
        raise Malformed("uid")
    return found


def _from_data_set(file: BinaryIO, size: int) -> Place:
    try:
        with lenient():
            check_inflated_size(file)
            file.seek(0)
            bounded = cast(BinaryIO, Bounded(file, size))
            dataset = dcmread(bounded, stop_before_pixels=True, specific_tags=[*_KEYWORDS])
            return Place(
                text(dataset, "StudyInstanceUID"),
                text(dataset, "SeriesInstanceUID"),
                text(dataset, "SOPInstanceUID"),
                number(dataset, "InstanceNumber"),
            )
    except UNREADABLE as error:
        raise Malformed("unreadable") from error


def _from_head(head: bytes) -> Place | None:
    """Look at the beginning of a file; None when the answer is not there, or not to be had by so simple means."""
    if head[128:132] != b"DICM":
        return None
    try:
        found = _elements(head)
        place = [found.get(tag, b"").decode("ascii").strip(" \0") for tag in (_STUDY, _SERIES, _SOP, _NUMBER)]
    except (struct.error, UnicodeDecodeError, ValueError):
        return None
    study_uid, series_uid, sop_uid, counted = place
    if not (study_uid and series_uid and sop_uid) or (counted and not re.fullmatch(r"[+-]?[0-9]{1,12}", counted)):
        return None
    return Place(study_uid, series_uid, sop_uid, int(counted) if counted else None)


def _elements(head: bytes) -> dict[int, bytes]:
    """Pass over the elements up to the last that is wanted. Raises: struct.error, ValueError for what is unusual."""
    found: dict[int, bytes] = {}
    at, depth, implicit = 132, 0, False
    while at < len(head):
        tag, length, at = _next(head, at, implicit)
        if tag > _NUMBER and not depth:
            return found
        if length == _UNDEFINED:
            depth, length = depth + 1, 0
        elif tag in (_ITEM_END, _SEQUENCE_END):
            depth -= 1
        if tag in _WANTED and not depth:
            found[tag] = head[at : at + length]
        at += length
        if head[at : at + 2] != b"\x02\0" and not depth:
            implicit = _is_implicit(found)
    raise ValueError("not within the head")


def _next(head: bytes, at: int, implicit: bool) -> tuple[int, int, int]:
    """Return tag and length of the element at a place, and where its value begins."""
    group, element, length = _TAG_AND_LENGTH.unpack_from(head, at)
    if implicit or group == 0xFFFE:
        return group << 16 | element, length, at + 8
    return group << 16 | element, *_explicit(head, at)


def _is_implicit(found: dict[int, bytes]) -> bool:
    """Say how the data set is encoded. Raises: ValueError when it is in no order that can be read here."""
    syntax = found[_SYNTAX].decode("ascii").strip(" \0") if _SYNTAX in found else ""
    if syntax in ("", ExplicitVRBigEndian, "1.2.840.10008.1.2.1.99"):
        raise ValueError("left to others")
    return bool(syntax == ImplicitVRLittleEndian)


def _explicit(head: bytes, at: int) -> tuple[int, int]:
    """Return the length of an element that names its VR, and where its value begins."""
    vr = head[at + 4 : at + 6]
    if vr in _LONG_VR:
        return _LENGTH.unpack_from(head, at + 8)[0], at + 12
    if vr == b"UN" or not vr.isalpha():
        raise ValueError("left to others")
    return int.from_bytes(head[at + 6 : at + 8], "little"), at + 8
