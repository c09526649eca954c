"""The portal's own keys: one ring per purpose, newest first, so that a key can be followed by another.

What is written is made with the newest key; what is read is tried with the key that it names, or with each.
A key serves one purpose only: who learns one of them learns nothing about the others. The keys of people's names are
not among them; a process of their own has those.
"""

import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, fields
from pathlib import Path
from secrets import token_bytes
from typing import Self

from beeldpas.domain.errors import Malformed

_KEY_BYTES = 32


@dataclass(frozen=True, slots=True, repr=False)
class KeyRing:
    """Keys of one purpose as (name, key), newest first; never empty."""

    keys: tuple[tuple[str, bytes], ...]

    @classmethod
    def new(cls, name: str) -> Self:
        """Make a ring of one fresh random key."""
        return cls(((name, token_bytes(_KEY_BYTES)),))

    @property
    def newest(self) -> tuple[str, bytes]:
        """The name and key that new things are made with."""
        return self.keys[0]

    @property
    def values(self) -> tuple[bytes, ...]:
        """All keys without their names, newest first."""
        return tuple(key for _, key in self.keys)

    def named(self, name: str) -> bytes | None:
        """Return the key of that name, or None when it was withdrawn."""
        return dict(self.keys).get(name)


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """Every key ring of the portal that is not a signing key."""

    pairwise: KeyRing  # receiver → a name that differs per hospital
    fingerprint: KeyRing  # share code → what the database keeps of it
    pin: KeyRing  # pepper of the PINs
    link: KeyRing  # envelope of the share link
    session: KeyRing  # seal of the sessions at rest
    address: KeyRing  # seal of the mail addresses at rest

    @classmethod
    def new(cls) -> Self:
        """Make fresh rings."""
        return cls(*(KeyRing.new(f"{field.name[:2]}1") for field in fields(cls)))


def load_secrets(path: Path) -> Secrets:
    """Read the rings from a JSON file: `{"pairwise": [{"id": …, "key": base64url}, …], …}`.

    Raises: Malformed("secrets") when a ring is absent or empty, or a key is short.
    """
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return Secrets(*(_ring(stored[field.name]) for field in fields(Secrets)))
    except (KeyError, TypeError, ValueError) as error:
        raise Malformed("secrets") from error


def write_new_secrets(path: Path) -> Secrets:
    """Make fresh rings in a new file that only its owner can read. Raises: FileExistsError."""
    made = Secrets.new()
    content = {field.name: _stored(getattr(made, field.name)) for field in fields(Secrets)}
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(content, file, indent=1)
    return made


def _ring(entries: list[dict[str, str]]) -> KeyRing:
    keys = tuple((entry["id"], urlsafe_b64decode(entry["key"])) for entry in entries)
    if not keys or any(len(key) < _KEY_BYTES for _, key in keys):
        raise ValueError("a ring needs keys of 32 bytes")
    return KeyRing(keys)


def _stored(ring: KeyRing) -> list[dict[str, str]]:
    return [{"id": name, "key": urlsafe_b64encode(key).decode()} for name, key in ring.keys]
