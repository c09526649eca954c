"""What a program sends to learn under which names a person stands: a list of numbers, signed by who asks.

The signature holds for this one body. Who may ask, and with which keys, is the answering side's configuration.
*Source:* docs/wire.md §8.
"""

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from joserfc.jwk import KeySet

from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Malformed, Refused
from beeldpas.domain.secret import Secret
from beeldpas.formats import jose

NAMING_TYPE = "naming+jwt"
AUDIENCE = "urn:beeldpas:pseudonyms"
LIFETIME = timedelta(seconds=60)
MOST_AT_ONCE = 100
BODY_LIMIT = 10_000
_NAME = re.compile(r"[\w-]{1,16}\.[0-9a-f]{64}", re.ASCII)


def write_people(people: Sequence[BSN]) -> bytes:
    """Return the body of a question about these people."""
    return json.dumps({"bsn": [one.reveal() for one in people]}).encode()


def read_people(body: bytes) -> tuple[BSN, ...]:
    """Return who is asked about. Raises: Malformed("bad_request") for anything but 1 to 100 valid numbers."""
    numbers = _object(body).get("bsn")
    if not isinstance(numbers, list) or not 1 <= len(numbers) <= MOST_AT_ONCE:
        raise Malformed("bad_request")
    if not all(isinstance(one, str) for one in numbers):
        raise Malformed("bad_request")
    return tuple(BSN.parse(one) for one in numbers)


def write_names(names: Sequence[Sequence[str]]) -> bytes:
    """Return the body of the answer: for each person, in their order, the names, newest first."""
    return json.dumps({"names": [list(one) for one in names]}).encode()


def read_names(body: bytes, people: int) -> tuple[tuple[str, ...], ...]:
    """Return the names of so many people. Raises: Malformed("bad_request") when one has none."""
    told = _object(body).get("names")
    if not isinstance(told, list) or len(told) != people or not all(_are_names(one) for one in told):
        raise Malformed("bad_request")
    return tuple(tuple(one) for one in told)


def write_standing(rows: Mapping[str, int]) -> bytes:
    """Return the body of a report: how many rows stand under names by each key."""
    return json.dumps({"rows": dict(rows)}).encode()


def read_standing(body: bytes) -> dict[str, int]:
    """Return how many rows stand under names by each key. Raises: Malformed("bad_request")."""
    rows = _object(body).get("rows")
    if not isinstance(rows, dict) or not all(type(count) is int and count >= 0 for count in rows.values()):
        raise Malformed("bad_request")
    return rows


def sign_naming(body: bytes, *, caller: str, now: datetime, key: KeySet) -> Secret:
    """Sign a body for the process that makes names; it is worth something for sixty seconds."""
    issued = int(now.timestamp())
    claims = {
        "iss": caller,
        "aud": AUDIENCE,
        "iat": issued,
        "exp": issued + int(LIFETIME.total_seconds()),
        "body": _digest(body),
    }
    return Secret(jose.sign(claims, typ=NAMING_TYPE, key=key))


def read_naming(token: str, body: bytes, *, callers: Mapping[str, KeySet], now: datetime) -> str:
    """Return which of `callers` (issuer → keys) signed this body. Raises: Refused("invalid_token")."""
    caller = jose.unverified_issuer(token)
    if caller not in callers:
        raise Refused("invalid_token")
    claims = jose.verify(token, typ=NAMING_TYPE, keys=callers[caller], issuer=caller, audience=AUDIENCE, now=now)
    if claims["exp"] - claims["iat"] > LIFETIME.total_seconds() or claims.get("body") != _digest(body):
        raise Refused("invalid_token")
    return caller


def _are_names(one: object) -> bool:
    return (
        isinstance(one, list) and bool(one) and all(isinstance(name, str) and _NAME.fullmatch(name) for name in one)
    )


def _object(body: bytes) -> dict[str, Any]:
    try:
        read = json.loads(body)
    except ValueError as error:
        raise Malformed("bad_request") from error
    if not isinstance(read, dict):
        raise Malformed("bad_request")
    return read


def _digest(body: bytes) -> str:
    return urlsafe_b64encode(sha256(body).digest()).decode().rstrip("=")
