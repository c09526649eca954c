"""A grant: one receiver at one hospital, never wider or longer than what it rests on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from beeldpas.domain.errors import Refused

Basis = Literal["share", "own"]
ReceiverKind = Literal["patient", "self-declared", "verified"]


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who will hold the images; a self-declared one said so, nobody checked."""

    kind: ReceiverKind
    name: str
    organisation: str
    ura: str | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """What one gateway may serve to one receiver, on which basis, by whose word, until when."""

    handle: str
    gateway_id: str
    basis: Basis
    issuer: str
    studies: frozenset[str]
    ends_at: datetime
    receiver: Receiver
    status_index: int

    def covers(self, study_uid: str) -> bool:
        """Say whether the study is in the grant."""
        return study_uid in self.studies

    def is_live(self, now: datetime) -> bool:
        """Say whether new access tokens may be made."""
        return now < self.ends_at


def narrow(
    *, basis_studies: Iterable[str], basis_end: datetime, asked: Iterable[str], asked_end: datetime
) -> tuple[frozenset[str], datetime]:
    """Return the studies and the end of a grant that asks for this on that basis.

    A grant can ask for less and get it; asking for a study that the basis does not hold is refused
    rather than trimmed, since somebody who asks so is not who we thought.
    Raises: Refused("outside_basis").
    """
    studies = frozenset(asked)
    if not studies or not studies <= frozenset(basis_studies):
        raise Refused("outside_basis")
    return studies, min(basis_end, asked_end)
