"""Fingerprints of birth date and sex: a hospital tells the values to the process that has the key, and nobody else.

A fingerprint is made of the BSN too, so it compares sources about one person and no two people. The key is one for
all callers, or nothing could be compared. *Source:* docs/wire.md §8.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Malformed

MOST_AT_ONCE = 100
_SEXES = ("M", "F", "")
_PRINT = re.compile(r"([\w-]{1,16}\.[0-9a-f]{64})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Told:
    """What a hospital says of a person; `sex` is M, F, or empty for all else."""

    bsn: BSN
    birth_date: date | None = field(repr=False)
    sex: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """`{name of the key}.{HMAC}` of each; empty where the value is unknown."""

    birth_date: str = ""
    sex: str = ""


UNKNOWN = Fingerprints()


def is_fingerprint(text: str) -> bool:
    """Say whether a text is a fingerprint, or empty."""
    return _PRINT.fullmatch(text) is not None


def write_told(people: Sequence[Told]) -> bytes:
    """Return the body of a question."""
    rows = [
        {"bsn": one.bsn.reveal(), "birth_date": one.birth_date.isoformat() if one.birth_date else "", "sex": one.sex}
        for one in people
    ]
    return json.dumps({"people": rows}).encode()


def read_told(body: bytes) -> tuple[Told, ...]:
    """Return who is asked about. Raises: Malformed("bad_request") for anything but 1 to 100 people."""
    try:
        rows = json.loads(body)["people"]
        if not isinstance(rows, list) or not 1 <= len(rows) <= MOST_AT_ONCE:
            raise Malformed("bad_request")
        return tuple(_told(**row) for row in rows)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Malformed("bad_request") from error


def write_fingerprints(prints: Sequence[Fingerprints]) -> bytes:
    """Return the body of the answer, in the order of the question."""
    rows = [{"birth_date": one.birth_date, "sex": one.sex} for one in prints]
    return json.dumps({"fingerprints": rows}).encode()


def read_fingerprints(body: bytes, people: int) -> tuple[Fingerprints, ...]:
    """Return the fingerprints of so many people. Raises: Malformed("bad_request")."""
    try:
        found = tuple(Fingerprints(**row) for row in json.loads(body)["fingerprints"])
        if len(found) != people or not all(
            is_fingerprint(one.birth_date) and is_fingerprint(one.sex) for one in found
        ):
            raise Malformed("bad_request")
    except (ValueError, TypeError, KeyError) as error:
        raise Malformed("bad_request") from error
    return found


def _told(bsn: str, birth_date: str, sex: str) -> Told:
    if sex not in _SEXES:
        raise ValueError("a sex")
    return Told(BSN.parse(bsn), date.fromisoformat(birth_date) if birth_date else None, sex)
