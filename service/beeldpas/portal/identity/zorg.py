"""Care providers: a person by name and professional number, and the organisations and roles somebody works in.

Two logins are known: one that gives claims at userinfo (UZI, as MAX gives them), and Dezi, whose signed declaration
counts instead of claims where the settings name its keys. Cards without a person's name (M, S) let nobody in: a
download is by somebody. *Source:* netherlands.md §4.4 (cards, `relations`, role codes; URA has eight digits).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from beeldpas.domain.errors import Refused
from beeldpas.portal.identity.declaration import Declaration, Declarations
from beeldpas.portal.identity.levels import reaches
from beeldpas.portal.identity.relying_party import Evidence
from beeldpas.portal.identity.verification import problem
from beeldpas.portal.settings import Level

_URA = re.compile(r"[0-9]{1,8}")
_NUMBER = re.compile(r"[0-9]{1,9}")
_ROLE = re.compile(r"[0-9]{2}\.[0-9]{3}")
_MOST_RELATIONS, _MOST_ROLES = 50, 20
_CARDS = ("Z", "N", "M", "S")  # a care provider's, an employee's, one that goes round, a server's
_UNNAMED = ("M", "S")
Claims = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Workplace:
    """An organisation that the signed-in person works for, and the codes of their roles there ("01.015")."""

    ura: str
    name: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CareProvider:
    """Somebody who signed in as a care provider; `declaration` is the one that said so, if one did."""

    uzi_id: str
    name: str
    workplaces: tuple[Workplace, ...]
    declaration: Declaration | None = None


def care_provider(
    evidence: Evidence, minimum: Level, declarations: Declarations | None, now: datetime
) -> CareProvider:
    """Return who signed in; with `declarations`, by what is declared and by nothing else.

    Raises: Refused("provider_card_unnamed" | "login_level_too_low" | "login_identity_problem").
    """
    said = evidence.userinfo
    declared = declarations.verified(said.get("verklaring"), now) if declarations else None
    claims = declared.claims if declared else said
    _refuse_unnamed(claims)
    levels = [evidence.id_token.get("acr"), said.get("loa_authn"), said.get("loa_uzi")]
    if not reaches(minimum, *levels, *([declared.claims.get("loa_dezi", "")] if declared else [])):
        raise Refused("login_level_too_low")
    places = (_declared_workplace(claims),) if declared else _workplaces(claims)
    return CareProvider(_professional_number(claims), _name(claims), places, declared)


def _refuse_unnamed(claims: Claims) -> None:
    kind = claims.get("card_type")
    if kind is not None and kind not in _CARDS:
        raise problem("card")
    if kind in _UNNAMED or not _name(claims) or not _numbers(claims):
        raise Refused("provider_card_unnamed")


def _professional_number(claims: Claims) -> str:
    given = _numbers(claims)
    if len(given) != 1 or not all(_NUMBER.fullmatch(number) for number in given):
        raise problem("number")
    return given.pop().zfill(9)


def _numbers(claims: Claims) -> set[str]:
    return {_text(claims.get(name)) for name in ("uzi_id", "dezi_nummer")} - {""}


def _name(claims: Claims) -> str:
    """Return the name, which comes whole, or in parts under one of two sets of names."""
    parts = (
        ("name",),
        ("initials", "surname_prefix", "surname"),
        ("voorletters", "voorvoegsel", "achternaam"),
    )
    for names in parts:
        if _text(claims.get(names[-1])):
            return _text(" ".join(_text(claims.get(part)) for part in names))
    return ""


def _workplaces(claims: Claims) -> tuple[Workplace, ...]:
    relations = claims.get("relations")
    if not isinstance(relations, list) or not 0 < len(relations) <= _MOST_RELATIONS:
        raise problem("relations")
    return tuple(_workplace(relation) for relation in relations)


def _workplace(relation: object) -> Workplace:
    if not isinstance(relation, dict):
        raise problem("relations")
    return _checked(relation.get("ura"), relation.get("entity_name"), relation.get("roles", []))


def _declared_workplace(claims: Claims) -> Workplace:
    return _checked(claims.get("abonnee_nummer"), claims.get("abonnee_naam"), [claims.get("rol_code")])


def _checked(ura: object, name: object, roles: object) -> Workplace:
    """Return a workplace; a role is a code or nothing, so that no login can hand out a role of ours."""
    number, organisation = _text(ura), _text(name)
    if not _URA.fullmatch(number) or not organisation or not isinstance(roles, list):
        raise problem("relations")
    codes = [role for role in roles if isinstance(role, str) and _ROLE.fullmatch(role)]
    return Workplace(number.zfill(8), organisation, tuple(codes[:_MOST_ROLES]))


def _text(value: object) -> str:
    return " ".join(value.split())[:200] if isinstance(value, str) else ""
