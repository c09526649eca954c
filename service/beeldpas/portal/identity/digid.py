"""Patients: DigiD behind an OpenID Connect front. Gives a citizen service number and a level of assurance, no name.

The level can only be checked afterwards: DigiD's front takes no `acr_values`.
*Source:* eIDAS implementing regulation 2015/1502; netherlands.md §1.1–1.5.
"""

from dataclasses import dataclass
from datetime import date

from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Malformed, Refused
from beeldpas.portal.identity.relying_party import Evidence
from beeldpas.portal.identity.representation import Represented, represented_in
from beeldpas.portal.settings import Level

_PREFIX = "http://eidas.europa.eu/LoA/"
_ORDER = ("low", "substantial", "high")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The number of the person who signed in, and for whom when not for themselves."""

    bsn: BSN
    represented: Represented | None = None


def signed_in(evidence: Evidence, minimum: Level, today: date) -> SignedIn:
    """Return who signed in, and for whom. `today` is the Dutch day, which decides how old a child is.

    Raises: Refused("login_level_too_low" | "login_identity_problem"), and what `represented_in` raises.
    """
    bsn = _own_number(evidence, minimum)
    return SignedIn(bsn, represented_in(evidence, bsn, today))


def _own_number(evidence: Evidence, minimum: Level) -> BSN:
    if level(evidence) < _ORDER.index(minimum):
        raise Refused("login_level_too_low")
    number = evidence.userinfo.get("bsn")
    if not isinstance(number, str):
        raise Refused("login_identity_problem", {"where": "bsn"})
    try:
        return BSN.parse(number)
    except Malformed as error:
        raise Refused("login_identity_problem", {"where": "bsn"}) from error


def level(evidence: Evidence) -> int:
    """Return the place of the level in low, substantial, high; -1 when none or an unknown one was given.

    `acr` of the ID token and `loa_authn` of userinfo may both be there: the lower one counts.
    """
    given = [evidence.id_token.get("acr"), evidence.userinfo.get("loa_authn")]
    places = [_place(value) for value in given if value is not None]
    return min(places, default=-1)


def _place(value: object) -> int:
    name = value.removeprefix(_PREFIX) if isinstance(value, str) and value.startswith(_PREFIX) else ""
    return _ORDER.index(name) if name in _ORDER else -1
