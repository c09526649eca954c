"""The keys that names are made with: one file per caller, newest first, replaced as a whole.

A key's name is never used again, also when the key is gone: a name in an old table must not seem to be by a new key.
"""

import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from secrets import token_bytes
from typing import Self

from beeldpas.domain.errors import Malformed

KEY_BYTES = 32
_LONGEST_NAME = 16


@dataclass(frozen=True, slots=True)
class NameKey:
    """One key; `made_at` is aware UTC."""

    name: str
    key: bytes = field(repr=False)
    made_at: datetime


@dataclass(frozen=True, slots=True)
class KeyBook:
    """The keys of one caller, newest first, at least one; `retired` are the names of those that were."""

    keys: tuple[NameKey, ...]
    retired: tuple[str, ...] = ()

    @classmethod
    def begin(cls, now: datetime) -> Self:
        """Return a book with one fresh key."""
        return cls((NameKey("p1", token_bytes(KEY_BYTES), now),))

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read a book. Raises: Malformed("pseudonym_keys") for one that protects nobody; OSError."""
        try:
            stored = json.loads(file.read_text(encoding="utf-8"))
            keys = tuple(
                NameKey(one["id"], urlsafe_b64decode(one["key"]), datetime.fromisoformat(one["made_at"]))
                for one in stored["keys"]
            )
            book = cls(keys, tuple(stored["retired"]))
        except (KeyError, TypeError, ValueError) as error:
            raise Malformed("pseudonym_keys") from error
        book._check()
        return book

    def with_new_key(self, now: datetime) -> Self:
        """Return the book with a fresh key before the others."""
        numbers = [int(name[1:]) for name in (*self.names, *self.retired) if name[1:].isdigit()]
        fresh = NameKey(f"p{max(numbers, default=0) + 1}", token_bytes(KEY_BYTES), now)
        return replace(self, keys=(fresh, *self.keys))

    def without(self, name: str) -> Self:
        """Return the book without a key. Raises: Malformed("pseudonym_keys") for an unknown or the newest one."""
        if name not in self.names[1:]:
            raise Malformed("pseudonym_keys")
        left = tuple(key for key in self.keys if key.name != name)
        return replace(self, keys=left, retired=(*self.retired, name))

    @property
    def names(self) -> tuple[str, ...]:
        """The keys' names, newest first."""
        return tuple(key.name for key in self.keys)

    def write(self, file: Path) -> None:
        """Replace the file at once: whoever reads finds the old book or the new one, and only its owner reads."""
        content = {
            "keys": [
                {"id": one.name, "key": urlsafe_b64encode(one.key).decode(), "made_at": one.made_at.isoformat()}
                for one in self.keys
            ],
            "retired": list(self.retired),
        }
        replace_file(file, json.dumps(content, indent=1))

    def _check(self) -> None:
        short = any(len(one.key) < KEY_BYTES for one in self.keys)
        named = all(0 < len(name) <= _LONGEST_NAME and "." not in name for name in self.names)
        if not self.keys or short or not named or len({*self.names, *self.retired}) < len(self.names + self.retired):
            raise Malformed("pseudonym_keys")


def replace_file(file: Path, content: str) -> None:
    """Write a file that only its owner reads; it is there as a whole, also after a power cut, or not at all."""
    made = file.with_name(file.name + "~")
    made.unlink(missing_ok=True)
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as output:
        output.write(content)
        output.flush()
        os.fsync(output.fileno())
    made.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
