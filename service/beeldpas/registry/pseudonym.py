"""The only form in which the registry keeps a person: a name that a process of its own made of the BSN.

There are some ninety million valid BSNs, so whoever has the table and the key of the names can put a person to every
entry; the registry has the table only. *Source:* AVG art. 4(5) (what leads back is kept apart).
"""

from collections.abc import Collection, Mapping
from typing import Protocol

from beeldpas.domain.bsn import BSN


class Pseudonyms(Protocol):
    """Who knows under which names entries of a person may stand, newest first; new entries get the first."""

    async def names(self, bsn: BSN) -> tuple[str, ...]:
        """Return the names of one person. Raises: Unavailable("pseudonyms")."""
        ...

    async def names_of(self, people: Collection[BSN]) -> Mapping[BSN, tuple[str, ...]]:
        """Return the names of each person. Raises: Unavailable("pseudonyms")."""
        ...

    async def report(self, rows: Mapping[str, int]) -> None:
        """Tell how many rows stand under names by each key. Raises: Unavailable("pseudonyms")."""
        ...
