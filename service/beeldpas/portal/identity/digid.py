"""Patients: DigiD behind an OpenID Connect front. Gives a citizen service number and a level of assurance, no name.

The level stands in `acr` of the ID token, in `loa_authn` of userinfo, or in both: the lower one counts.
*Source:* netherlands.md §1.1–1.5.
"""

from dataclasses import dataclass, field
from datetime import date

from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Malformed, Refused
from beeldpas.portal.identity.levels import reaches
from beeldpas.portal.identity.relying_party import Evidence
from beeldpas.portal.identity.representation import Represented, represented_in
from beeldpas.portal.settings import Level


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The number of the person who signed in, and for whom when not for themselves.

    `birth_date`: of whose images will be seen, where the provider tells the day; DigiD itself does not.
    """

    bsn: BSN
    represented: Represented | None = None
    birth_date: date | None = field(default=None, repr=False)


def signed_in(evidence: Evidence, minimum: Level, today: date) -> SignedIn:
    """Return who signed in, and for whom. `today` is the Dutch day, which decides how old a child is.

    Raises: Refused("login_level_too_low" | "login_identity_problem"), and what `represented_in` raises.
    """
    bsn = _own_number(evidence, minimum)
    represented = represented_in(evidence, bsn, today)
    return SignedIn(bsn, represented, represented.born.day if represented else _own_birth_date(evidence))


def _own_number(evidence: Evidence, minimum: Level) -> BSN:
    if not reaches(minimum, evidence.id_token.get("acr"), evidence.userinfo.get("loa_authn")):
        raise Refused("login_level_too_low")
    number = evidence.userinfo.get("bsn")
    if not isinstance(number, str):
        raise Refused("login_identity_problem", {"where": "bsn"})
    try:
        return BSN.parse(number)
    except Malformed as error:
        raise Refused("login_identity_problem", {"where": "bsn"}) from error


def _own_birth_date(evidence: Evidence) -> date | None:
    """Return the day, where one is told; a year alone, as OpenID Connect allows, compares with nothing."""
    told = evidence.userinfo.get("birthdate")
    try:
        return date.fromisoformat(told) if isinstance(told, str) and len(told) == len("2000-01-01") else None
    except ValueError:
        return None
