"""The two hashes that every row of the access log carries from the day it is written.

    commitment = SHA-256(salt || canonical JSON of the record)
    leaf hash  = SHA-256(0x00 || commitment)

The tree is built over commitments, so a record (with its salt) can be erased after its term while the tree stays
what it was. *Source:* RFC 6962 §2.1 (leaf hash); RFC 8785 (canonical JSON, of which records use a small part:
texts, whole numbers, booleans, null, lists and objects; no fractions, so that there is one way to write each).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Union

SALT_BYTES = 16
_LEAF_PREFIX = b"\x00"
Json = Union[str, int, bool, None, Sequence["Json"], Mapping[str, "Json"]]  # noqa: UP007 (it names itself)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A record as it is kept: its canonical text, the salt, and the hash that goes into the tree."""

    text: str
    salt: bytes
    leaf_hash: bytes


def make_leaf(record: Mapping[str, Json], salt: bytes) -> Leaf:
    """Seal a record with a fresh salt of 16 random bytes. Raises: ValueError for a salt of another length."""
    if len(salt) != SALT_BYTES:
        raise ValueError("a salt has 16 bytes")
    text = canonical(record)
    return Leaf(text, salt, leaf_hash(commitment(salt, text)))


def commitment(salt: bytes, text: str) -> bytes:
    """Return what stands for the record in the tree."""
    return sha256(salt + text.encode()).digest()


def leaf_hash(commitment: bytes) -> bytes:
    """Return the hash of a leaf that holds this commitment."""
    return sha256(_LEAF_PREFIX + commitment).digest()


def canonical(record: Mapping[str, Json]) -> str:
    """Write the record in the one way that it can be written. Raises: TypeError for a fraction or an unknown type."""
    _refuse_fractions(record)
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _refuse_fractions(value: object) -> None:
    if isinstance(value, float):
        raise TypeError("a record holds no fractions")
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise TypeError("a record's names are text")
            _refuse_fractions(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_fractions(item)
