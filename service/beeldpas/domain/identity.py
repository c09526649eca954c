"""Whether sources speak of one person: what each says of birth date and sex, compared with the others.

A study that lies under the wrong number shows somebody else's body. Nobody is believed more than another, so
hospitals are counted, each once for each thing that it says, however many studies it has.
*Source:* docs/decisions/0045-who-a-study-is-of.md.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Attribute(StrEnum):
    """What is compared. What is unknown, or another sex than male or female, contradicts nothing."""

    BIRTH_DATE = "birth_date"
    SEX = "sex"


@dataclass(frozen=True, slots=True, order=True)
class Claim:
    """What a hospital says of whom one study is; each value is opaque, "" when it does not say."""

    study_uid: str
    hospital: str
    birth_date: str = ""
    sex: str = ""

    def says(self, attribute: Attribute) -> str:
        """Return what it says of one of them."""
        return self.birth_date if attribute is Attribute.BIRTH_DATE else self.sex


@dataclass(frozen=True, slots=True, order=True)
class Doubt:
    """A study that is not shown as the patient's: whom its hospital contradicts, and in what.

    `is_outvoted`: more hospitals say otherwise, or the sign-in does; else it is one word against another.
    """

    study_uid: str
    hospital: str
    attribute: Attribute
    against: tuple[str, ...]
    is_outvoted: bool


def doubts(claims: Iterable[Claim], signed_in: Mapping[Attribute, str] | None = None) -> tuple[Doubt, ...]:
    """Return every study that contradicts the others, or what the sign-in says (`SIGN_IN` stands for it then).

    Of values that equally many hospitals give, each is doubted: one is somebody else's, and nobody can tell which.
    """
    told = sorted(set(claims))
    return tuple(sorted(doubt for one in Attribute for doubt in _doubts(told, one, (signed_in or {}).get(one, ""))))


SIGN_IN = "sign-in"


def _doubts(claims: Iterable[Claim], attribute: Attribute, known: str) -> Iterable[Doubt]:
    hospitals = defaultdict[str, set[str]](set)
    for claim in claims:
        if value := claim.says(attribute):
            hospitals[value].add(claim.hospital)
    most = max((len(some) for some in hospitals.values()), default=0)
    ahead = [value for value, some in hospitals.items() if len(some) == most]
    right = known or (ahead[0] if len(ahead) == 1 else "")
    for claim in claims:
        value = claim.says(attribute)
        if not value or value == right or (not known and len(hospitals) == 1):
            continue
        outvoted = bool(known) or len(hospitals[value]) < most
        against = {SIGN_IN} if known else {one for other, some in hospitals.items() if other != value for one in some}
        yield Doubt(claim.study_uid, claim.hospital, attribute, tuple(sorted(against)), outvoted)
