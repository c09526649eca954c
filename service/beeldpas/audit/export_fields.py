"""What the three exports share: how a field of a record is read, and what never leaves whatever stands in it.

A name or a note is what somebody typed; a number in it that could be a citizen service number is not handed on.
Identifiers are left as they are: a care provider's number has nine digits too.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from beeldpas.audit.leaf import Json
from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Malformed

Record = Mapping[str, Json]
PSEUDONYM_SYSTEM = "urn:beeldpas:pseudonym"
HIDDEN = "*********"
_LONGEST = 1000
# Not the parts of a UID.
_LONE_NUMBER = re.compile(r"(?<!\w)(?<!\d\.)\d{8,9}(?!\w)(?!\.\d)")
# Control characters cannot be written in XML at all, and have no meaning in a cell.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Person:
    """By which number a patient is known to the reader: whose numbers these are, and the number."""

    system: str
    number: str


def field(record: Record, name: str) -> str:
    """Return a field as text; empty when the reader does not get it."""
    value = record.get(name)
    return "" if value is None else _CONTROL.sub(" ", str(value))[:_LONGEST]


def free_text(record: Record, name: str) -> str:
    """Return a field that somebody typed, without any number that could be a citizen service number."""
    return hide_numbers(field(record, name))


def hide_numbers(text: str) -> str:
    """Hide every number in a text that could be a citizen service number."""
    return _LONE_NUMBER.sub(lambda found: HIDDEN if _could_be_bsn(found.group()) else found.group(), text)


def hidden(value: Json) -> Json:
    """Hide the same in every text of a value, however deep."""
    if isinstance(value, str):
        return hide_numbers(_CONTROL.sub(" ", value))
    if isinstance(value, Mapping):
        return {name: hidden(inner) for name, inner in value.items()}
    return [hidden(inner) for inner in value] if isinstance(value, Sequence) else value


def listed(record: Record, name: str) -> tuple[str, ...]:
    """Return a field that is a list of texts; empty when the reader does not get it."""
    value = record.get(name)
    if not isinstance(value, Sequence) or isinstance(value, str):
        return ()
    return tuple(_CONTROL.sub(" ", str(one))[:_LONGEST] for one in value)


def patient_of(record: Record, known_as: Person | None) -> Person | None:
    """Return whom a record is about: as the reader knows the patient, or else by pseudonym."""
    pseudonym = field(record, "patient")
    return known_as or (Person(PSEUDONYM_SYSTEM, pseudonym) if pseudonym else None)


def _could_be_bsn(digits: str) -> bool:
    try:
        BSN.parse(digits)
    except Malformed:
        return False
    return True
