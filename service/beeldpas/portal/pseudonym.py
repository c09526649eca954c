"""Names that stand for a person without telling who it is.

There are only some ninety million valid BSNs: whoever has a table and the key of its names can put a person to every
row. So the portal has no such key; it asks at sign-in, and keeps the answer for as long as the session lasts.
"""

import hmac
from collections.abc import Mapping, Sequence
from datetime import date
from hashlib import sha256
from typing import Protocol

from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Unavailable
from beeldpas.formats.fingerprints import Fingerprints, Told
from beeldpas.portal.secrets import Secrets


class Pseudonyms(Protocol):
    """Who knows under which names a person's rows may stand."""

    async def names(self, bsn: BSN) -> tuple[str, ...]:
        """Return the names of a person, newest first, never none. New rows get the first.

        Raises: Unavailable("pseudonyms").
        """
        ...

    async def fingerprints_of(self, people: Sequence[Told]) -> Sequence[Fingerprints]:
        """Return fingerprints of what is told of people, in order. Raises: Unavailable("pseudonyms")."""
        ...

    async def report(self, rows: Mapping[str, int]) -> None:
        """Tell how many rows stand under names by each key. Raises: Unavailable("pseudonyms")."""
        ...


async def birth_fingerprint(pseudonyms: Pseudonyms, bsn: BSN, birth_date: date | None) -> str:
    """Return what stands for a person's birth date, to be compared with what hospitals publish.

    Empty where none was told, and where nobody makes fingerprints: then hospitals are compared with each other only.
    """
    if birth_date is None:
        return ""
    try:
        (made,) = await pseudonyms.fingerprints_of([Told(bsn, birth_date, "")])
    except Unavailable:
        return ""
    return made.birth_date


def pairwise(secrets: Secrets, audience: str, receiver: str) -> str:
    """Return a receiver's name for one audience: two hospitals cannot find out that theirs is the same person."""
    _, key = secrets.pairwise.newest
    return _digest(key, f"{audience}\n{receiver}")


def _digest(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), sha256).hexdigest()
