"""The port that every kind of registry fits: ask for one person's studies, get what it knows.

A new kind is one file beside this one, one line in `kinds.py`, and one parameter in
`tests/contract/test_registries.py`.
"""

from dataclasses import dataclass
from typing import Protocol

from beeldpas.domain.bsn import BSN
from beeldpas.domain.identity import Claim
from beeldpas.domain.study import Report, Study
from beeldpas.portal.registries.question import Question


@dataclass(frozen=True, slots=True)
class RegistryAnswer:
    """What a registry said; `reports` are those whose images it did not tell of.

    `unreadable` counts the entries that could not be read. `strangers` names hospitals that it mentioned without a
    study, and whose address is not the one in the hospital directory: they are not asked. `complete` is False
    when the registry had more than it sent. `warnings` counts what it says itself that went wrong, `failed` names
    the sources behind it that it says did not answer. `claims`: what hospitals say in it of whose a study is.
    """

    studies: tuple[Study, ...]
    unreadable: int = 0
    strangers: tuple[str, ...] = ()
    complete: bool = True
    reports: tuple[Report, ...] = ()
    warnings: int = 0
    failed: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()


class Registry(Protocol):
    """A registry as the portal sees it."""

    @property
    def name(self) -> str:
        """How people know this registry."""
        ...

    async def search(self, bsn: BSN, question: Question) -> RegistryAnswer:
        """Return the studies registered for a person. Raises: Unavailable (its source is the registry)."""
        ...
