"""The only form in which the registry keeps a person: HMAC-SHA-256 of the BSN under a key that lies elsewhere.

There are some ninety million valid BSNs, so a plain hash could be undone in a minute; without the key file the
table tells nobody who is in it. A pseudonym carries the name of its key, so that a later key can follow.
*Source:* RFC 2104; AVG art. 4(5) (pseudonymisation: the key is kept apart).
"""

import hmac
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes
from typing import Self

from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Malformed

_KEY_BYTES = 32


@dataclass(frozen=True, slots=True, repr=False)
class Pseudonyms:
    """Makes pseudonyms; `keys` are name → key, newest first, at least one."""

    keys: Mapping[str, bytes]

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read `{"pseudonym": [{"id": …, "key": base64url}, …]}`, newest first.

        Raises: Malformed("pseudonym_keys") when there is none, or one is short.
        """
        try:
            entries = json.loads(path.read_text(encoding="utf-8"))["pseudonym"]
            keys = {str(entry["id"]): urlsafe_b64decode(entry["key"]) for entry in entries}
        except (KeyError, TypeError, ValueError) as error:
            raise Malformed("pseudonym_keys") from error
        if not keys or any(len(key) < _KEY_BYTES for key in keys.values()) or any(len(name) > 16 for name in keys):
            raise Malformed("pseudonym_keys")
        return cls(keys)

    def newest(self, bsn: BSN) -> str:
        """The pseudonym that new entries are stored under."""
        return self.all(bsn)[0]

    def all(self, bsn: BSN) -> tuple[str, ...]:
        """Every pseudonym that entries of this person may stand under, newest first."""
        return tuple(f"{name}.{_digest(key, bsn)}" for name, key in self.keys.items())


def write_new_keys(path: Path, name: str) -> None:
    """Write one fresh key to a new file that only its owner can read. Raises: FileExistsError."""
    content = {"pseudonym": [{"id": name, "key": urlsafe_b64encode(token_bytes(_KEY_BYTES)).decode()}]}
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(content, file)


def _digest(key: bytes, bsn: BSN) -> str:
    return hmac.new(key, bsn.reveal().encode(), sha256).hexdigest()
