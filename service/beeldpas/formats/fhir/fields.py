"""What a hospital may publish, as data: every field that a resource may have, and nothing else.

A registry that keeps only these fields cannot come to hold the text of a report by accident.
*Source:* docs/wire.md §2; FHIR R4 ImagingStudy, Endpoint, DiagnosticReport.
"""

import re
from datetime import datetime
from enum import Enum, auto
from typing import TypeAlias

from beeldpas.domain.errors import Malformed
from beeldpas.formats.fhir import systems
from beeldpas.formats.fhir.text import Resource


class Leaf(Enum):
    """The kinds of value at the end of a path."""

    TEXT = auto()
    COUNT = auto()
    FLAG = auto()
    WHEN = auto()


Shape: TypeAlias = "Leaf | frozenset[str] | dict[str, Shape] | list[Shape]"

_TEXT_LIMIT = 1024
_WHEN = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?)?)?", re.ASCII)
_UNCLEAN = re.compile("[\x00-\x1f\ud800-\udfff]")
_FIELD_NAME = re.compile(r"[A-Za-z_]{1,40}")

_CODING: Shape = {"system": Leaf.TEXT, "code": Leaf.TEXT, "display": Leaf.TEXT}
_CONCEPT: Shape = {"coding": [_CODING]}
_IDENTIFIER: Shape = {"system": Leaf.TEXT, "value": Leaf.TEXT, "type": _CONCEPT}
_BY_IDENTIFIER: Shape = {"identifier": _IDENTIFIER}
_NAMED: Shape = {"identifier": _IDENTIFIER, "display": Leaf.TEXT}
_REFERENCE: Shape = {"reference": Leaf.TEXT}

_WITHHELD: Shape = [{"system": frozenset({systems.WITHHELD_FROM}), "code": systems.WITHHELD}]

_SERIES: Shape = {
    "uid": Leaf.TEXT,
    "number": Leaf.COUNT,
    "modality": _CODING,
    "description": Leaf.TEXT,
    "numberOfInstances": Leaf.COUNT,
    "bodySite": _CODING,
    "laterality": _CODING,
    "started": Leaf.WHEN,
}

FIELDS: dict[str, Shape] = {
    "ImagingStudy": {
        "resourceType": Leaf.TEXT,
        "id": Leaf.TEXT,
        "meta": {
            "tag": [{"system": frozenset({systems.PUBLICATION_BASIS}), "code": systems.BASES}],
            "security": _WITHHELD,
        },
        "extension": [
            {
                "url": frozenset({systems.ORIGIN, systems.CUSTODIAN, systems.BIRTH_DATE_PRINT, systems.SEX_PRINT}),
                "valueBoolean": Leaf.FLAG,
                "valueIdentifier": _IDENTIFIER,
                "valueString": Leaf.TEXT,
            }
        ],
        "identifier": [_IDENTIFIER],
        "status": frozenset({"registered", "available", "cancelled", "entered-in-error", "unknown"}),
        "modality": [_CODING],
        "subject": _BY_IDENTIFIER,
        "started": Leaf.WHEN,
        "endpoint": [_REFERENCE],
        "numberOfSeries": Leaf.COUNT,
        "numberOfInstances": Leaf.COUNT,
        "procedureCode": [{"text": Leaf.TEXT}],
        "description": Leaf.TEXT,
        "series": [_SERIES],
    },
    "Endpoint": {
        "resourceType": Leaf.TEXT,
        "id": Leaf.TEXT,
        "status": frozenset({"active", "suspended", "error", "off"}),
        "connectionType": _CODING,
        "name": Leaf.TEXT,
        "managingOrganization": _NAMED,
        "payloadType": [_CONCEPT],
        "payloadMimeType": [Leaf.TEXT],
        "address": Leaf.TEXT,
        "period": {"start": Leaf.WHEN, "end": Leaf.WHEN},
    },
    "DiagnosticReport": {
        "resourceType": Leaf.TEXT,
        "meta": {"security": _WITHHELD},
        "extension": [
            {
                "url": frozenset({systems.READABLE_FROM, systems.REPLACES}),
                "valueDate": Leaf.WHEN,
                "valueReference": _BY_IDENTIFIER,
            }
        ],
        "identifier": [_IDENTIFIER],
        "status": frozenset(
            {"registered", "partial", "preliminary", "final", "amended", "corrected", "appended"}
            | {"cancelled", "entered-in-error", "unknown"}
        ),
        "category": [_CONCEPT],
        "code": _CONCEPT,
        "subject": _BY_IDENTIFIER,
        "effectiveDateTime": Leaf.WHEN,
        "issued": Leaf.WHEN,
        "imagingStudy": [_BY_IDENTIFIER],
        "performer": [{"display": Leaf.TEXT}],
    },
}


def check_fields(resource: Resource) -> str:
    """Return the kind of a resource that has only fields of the list, each with a value of its kind.

    Raises: Malformed("invalid_resource") that names the path, never the value.
    """
    kind = resource.get("resourceType")
    if not isinstance(kind, str) or kind not in FIELDS:
        raise refusal("resourceType")
    _check(resource, FIELDS[kind], kind)
    return kind


def refusal(where: str) -> Malformed:
    """The error that refuses a resource for what stands at a path."""
    return Malformed("invalid_resource", {"where": where})


def _check(value: object, shape: Shape, where: str) -> None:
    if isinstance(shape, dict):
        _check_object(value, shape, where)
    elif isinstance(shape, list):
        _check_list(value, shape[0], where)
    elif not _fits(value, shape):
        raise refusal(where)


def _check_object(value: object, shape: dict[str, Shape], where: str) -> None:
    if not isinstance(value, dict) or not value:
        raise refusal(where)
    for name, inner in value.items():
        if name not in shape:
            raise refusal(f"{where}.{name if _FIELD_NAME.fullmatch(name) else '?'}")
        _check(inner, shape[name], f"{where}.{name}")


def _check_list(value: object, shape: Shape, where: str) -> None:
    if not isinstance(value, list) or not value:
        raise refusal(where)
    for index, inner in enumerate(value):
        _check(inner, shape, f"{where}[{index}]")


def _fits(value: object, kind: Leaf | frozenset[str]) -> bool:
    if isinstance(kind, frozenset):
        return isinstance(value, str) and value in kind
    if kind is Leaf.COUNT:
        return type(value) is int and 0 <= value < 2**31
    if kind is Leaf.FLAG:
        return type(value) is bool
    if not isinstance(value, str) or not is_clean(value) or len(value) > _TEXT_LIMIT:
        return False
    return kind is Leaf.TEXT or is_when(value)


def is_clean(text: str) -> bool:
    """Say whether a text can be stored and shown anywhere: no control characters, no half surrogate pairs."""
    return bool(text) and _UNCLEAN.search(text) is None


def is_when(text: str) -> bool:
    """Say whether a text is a FHIR dateTime that exists in the calendar."""
    if not _WHEN.fullmatch(text):
        return False
    day, separator, time = text.partition("T")
    whole_day = day + "-01-01"[len(day) - 4 :]
    try:
        datetime.fromisoformat(whole_day + separator + time)
    except ValueError:
        return False
    return True
