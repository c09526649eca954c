"""Single values out of FHIR JSON that nobody vouches for: each is what it should be, or unknown.

Accepts what R4 says and the R5 shapes that Dutch samples carry under an R4 label (a Coding, a CodeableConcept or
a CodeableReference where a code is meant). *Source:* FHIR R4 §2.24 (datatypes); FHIR R5 ImagingStudy.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from beeldpas.domain.study import Accession
from beeldpas.domain.uid import is_uid
from beeldpas.formats.fhir import systems

_TEXT_LIMIT = 200
_ADDRESS_LIMIT = 2000
_CODE = re.compile(r"[A-Z0-9_]{1,16}", re.ASCII)
_LATERALITY_OF = {code: letter for letter, code in systems.LATERALITY.items()}


def items(value: object) -> tuple[object, ...]:
    """What a repeating element holds; a lone value counts as one."""
    if isinstance(value, list):
        return tuple(value)
    return () if value is None else (value,)


def objects(value: object) -> Iterator[dict[str, Any]]:
    """The JSON objects that a repeating element holds; anything else in it is passed over."""
    return (item for item in items(value) if isinstance(item, dict))


def text(value: object) -> str:
    """A text that can be shown on a page: one line, no control characters, at most 200 characters; else ""."""
    if not isinstance(value, str):
        return ""
    shown = value if value.isprintable() else "".join(sign if sign.isprintable() else " " for sign in value)
    return " ".join(shown.split())[:_TEXT_LIMIT]


def address(value: object) -> str:
    """An address as it stands there, never cut: a shorter one would be another. "" for what is none."""
    is_one = isinstance(value, str) and len(value) <= _ADDRESS_LIMIT and value.isprintable() and " " not in value
    return str(value) if is_one else ""


def count(value: object) -> int | None:
    """A number of things, or None."""
    return value if type(value) is int and 0 <= value < 2**31 else None


def day(value: object) -> date | None:
    """The day of a FHIR date, dateTime or instant as written there; None when it is less exact or unreadable."""
    if not isinstance(value, str) or len(value) < 10:
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def uid(value: object) -> str:
    """A DICOM UID, written bare or as `urn:oid:`; "" when it is none."""
    bare = value.removeprefix(systems.OID_PREFIX) if isinstance(value, str) else ""
    return bare if is_uid(bare) else ""


def codings(value: object) -> Iterator[dict[str, Any]]:
    """All codings in a Coding, CodeableConcept or CodeableReference, or a list of those."""
    for one in objects(value):
        concept = one["concept"] if isinstance(one.get("concept"), dict) else one
        yield from objects(concept["coding"]) if "coding" in concept else (concept,)


def modalities(value: object) -> tuple[str, ...]:
    """The DICOM modality codes in an element, sorted, each once."""
    found = {code for one in codings(value) if _CODE.fullmatch(code := text(one.get("code")))}
    return tuple(sorted(found))


def label(value: object) -> str:
    """What an element calls itself in words: its text, else a display, else a code."""
    for one in objects(value):
        if words := text(one.get("text")):
            return words
    for name in ("display", "code"):
        for coding in codings(value):
            if words := text(coding.get(name)):
                return words
    return ""


def laterality(value: object) -> str:
    """L, R or B as DICOM writes it; "" when unknown."""
    for coding in codings(value):
        if code := text(coding.get("code")):
            return _LATERALITY_OF.get(code, code if code in systems.LATERALITY else "")
    return ""


def identified(element: object, system: str) -> str:
    """The value of the first identifier of a system; "" when there is none."""
    for identifier in objects(element):
        if identifier.get("system") == system and (value := text(identifier.get("value"))):
            return value
    return ""


def is_accession(identifier: dict[str, Any]) -> bool:
    """Say whether an Identifier is the number of an order."""
    kinds = {text(coding.get("code")) for coding in codings(identifier.get("type"))}
    return bool(kinds & {systems.ACCESSION, systems.DCM_ACCESSION}) and text(identifier.get("value")) != ""


def accession(identifier: dict[str, Any]) -> Accession:
    """The number and who gave it out; an OID is written bare, as DICOM and HL7 v2 write it."""
    return Accession(text(identifier.get("value")), text(identifier.get("system")).removeprefix(systems.OID_PREFIX))
