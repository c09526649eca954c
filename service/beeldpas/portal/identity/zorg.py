"""Care providers: a name, a professional number, and the organisations somebody works for.

*Source:* netherlands.md §4.4 (UZI and Dezi relations; URA is eight digits).
"""

import re
from dataclasses import dataclass

from beeldpas.domain.errors import Refused
from beeldpas.portal.identity.relying_party import Evidence

_URA = re.compile(r"[0-9]{1,8}")
_MOST_RELATIONS = 50


@dataclass(frozen=True, slots=True)
class Workplace:
    """An organisation that the signed-in person works for."""

    ura: str
    name: str


@dataclass(frozen=True, slots=True)
class CareProvider:
    """Somebody who signed in as a care provider."""

    uzi_id: str
    name: str
    workplaces: tuple[Workplace, ...]


def care_provider(evidence: Evidence) -> CareProvider:
    """Return who signed in. Raises: Refused("provider_card_unnamed" | "login_identity_problem")."""
    name, uzi_id = _text(evidence.userinfo.get("name")), _text(evidence.userinfo.get("uzi_id"))
    if not name or not uzi_id:
        raise Refused("provider_card_unnamed")
    relations = evidence.userinfo.get("relations")
    if not isinstance(relations, list) or not 0 < len(relations) <= _MOST_RELATIONS:
        raise Refused("login_identity_problem", {"where": "relations"})
    return CareProvider(uzi_id, name, tuple(_workplace(relation) for relation in relations))


def _workplace(relation: object) -> Workplace:
    if not isinstance(relation, dict):
        raise Refused("login_identity_problem", {"where": "relations"})
    ura, name = _text(relation.get("ura")), _text(relation.get("entity_name"))
    if not _URA.fullmatch(ura) or not name:
        raise Refused("login_identity_problem", {"where": "relations"})
    return Workplace(ura.zfill(8), name)


def _text(value: object) -> str:
    return " ".join(value.split())[:200] if isinstance(value, str) else ""
