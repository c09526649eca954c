"""Names that stand for a person without telling who it is.

There are only some ninety million valid BSNs: whoever has a table and the key of its names can put a person to every
row. So the portal has no such key; it asks at sign-in, and keeps the answer for as long as the session lasts.
"""

import hmac
from collections.abc import Mapping
from hashlib import sha256
from typing import Protocol

from beeldpas.domain.bsn import BSN
from beeldpas.portal.secrets import Secrets


class Pseudonyms(Protocol):
    """Who knows under which names a person's rows may stand."""

    async def names(self, bsn: BSN) -> tuple[str, ...]:
        """Return the names of a person, newest first, never none. New rows get the first.

        Raises: Unavailable("pseudonyms").
        """
        ...

    async def report(self, rows: Mapping[str, int]) -> None:
        """Tell how many rows stand under names by each key. Raises: Unavailable("pseudonyms")."""
        ...


def pairwise(secrets: Secrets, audience: str, receiver: str) -> str:
    """Return a receiver's name for one audience: two hospitals cannot find out that theirs is the same person."""
    _, key = secrets.pairwise.newest
    return _digest(key, f"{audience}\n{receiver}")


def _digest(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), sha256).hexdigest()
