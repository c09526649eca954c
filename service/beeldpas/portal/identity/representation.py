"""For whom somebody signed in: themselves, or one other person whom they may stand in for.

The profile names the other person (`represents`: `sub`, `iss`, `sub_id_type`, nested when there are more) and leaves
open how the ground is told. Agreed with the front, within `represents`: `relation` (`parent` | `mandate`), `bsn` (or
`sub` when `sub_id_type` says that it is one), `birthdate` (OpenID Connect: a day or a year) or `age`, and, where it
is known, `given_name`. Whatever is absent, unknown or contradicts itself is a refusal.
*Source:* NL GOV Assurance profile for OpenID Connect 1.0.1, Representation Relationships; OpenID Connect Core §5.1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Malformed, Refused
from beeldpas.domain.representation import Born, Relation, refusal
from beeldpas.portal.identity.relying_party import Evidence

BSN_TYPE = "urn:nl-eid-gdi:1.0:id:BSN"
_CLAIM = "represents"
_LONGEST_NAME = 40
Claims = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Represented:
    """The patient for whom somebody else signed in. `name` is "" unless the service gave a first name."""

    bsn: BSN
    relation: Relation
    born: Born
    name: str


def represented_in(evidence: Evidence, signed_in: BSN, today: date) -> Represented | None:
    """Return for whom the person with this number signed in; None for themselves. `today` is the Dutch day.

    Raises: Refused("rep_unknown" | "rep_chain" | "rep_self" | "rep_age_unknown" | "rep_mandate_too_young"
    | "rep_child_12_15" | "rep_child_16").
    """
    said = [claims[_CLAIM] for claims in (evidence.id_token, evidence.userinfo) if _CLAIM in claims]
    if not said:
        return None
    claims = _one_person(said)
    bsn, relation = _number(claims), _relation(claims)
    if bsn == signed_in:
        raise Refused("rep_self")
    born = _born(claims, today)
    if reason := refusal(relation, born, today):
        raise Refused(reason)
    return Represented(bsn, relation, born, _first_name(claims))


def _one_person(said: list[Any]) -> Claims:
    """Return what is said of the one person: ID token and userinfo must mean the same, userinfo tells more."""
    if not all(isinstance(claims, Mapping) for claims in said):
        raise Refused("rep_unknown")
    if any(_CLAIM in claims for claims in said):
        raise Refused("rep_chain")
    names = {(claims.get("iss"), claims.get("sub")) for claims in said if _is_named(claims)}
    if len(names) != 1 or not all(_is_named(claims) for claims in said):
        raise Refused("rep_unknown")
    claims: Claims = said[-1]
    return claims


def _is_named(claims: Claims) -> bool:
    return all(isinstance(claims.get(name), str) and claims[name] for name in ("iss", "sub"))


def _number(claims: Claims) -> BSN:
    given = [value for value in (claims.get("bsn"), _subject_number(claims)) if value is not None]
    try:
        numbers = {BSN.parse(value) for value in given}
    except (Malformed, AttributeError) as error:  # no number, or no text at all
        raise Refused("rep_unknown") from error
    if len(numbers) != 1:
        raise Refused("rep_unknown")
    return numbers.pop()


def _subject_number(claims: Claims) -> Any:
    return claims["sub"] if claims.get("sub_id_type") == BSN_TYPE else None


def _relation(claims: Claims) -> Relation:
    try:
        return Relation(claims["relation"])
    except (KeyError, ValueError) as error:
        raise Refused("rep_unknown") from error


def _born(claims: Claims, today: date) -> Born:
    day, age = claims.get("birthdate"), claims.get("age")
    try:
        if isinstance(day, str) and len(day) == 4 and day.isascii() and day.isdigit():
            return Born.in_year(int(day))
        if isinstance(day, str):
            return Born.on(date.fromisoformat(day))
        if isinstance(age, int) and not isinstance(age, bool):
            return Born.aged(age, today)
    except (Malformed, ValueError):
        pass
    raise Refused("rep_age_unknown")


def _first_name(claims: Claims) -> str:
    """Return a first name to tell two children apart; what is no name is left away, for nothing rests on it."""
    name = claims.get("given_name")
    if isinstance(name, str) and name.isprintable() and len(name) <= _LONGEST_NAME:
        return " ".join(name.split())
    return ""
