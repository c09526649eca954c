"""Who signs in as a care provider is a person with number, workplace and level; a card that goes round is none."""

from __future__ import annotations

from typing import Any

import pytest
from tests.cast import NOW

from beeldpas.domain.errors import Refused
from beeldpas.portal.identity.relying_party import Evidence
from beeldpas.portal.identity.zorg import CareProvider, care_provider
from beeldpas.portal.settings import Level

SUBSTANTIAL, HIGH = "http://eidas.europa.eu/LoA/substantial", "http://eidas.europa.eu/LoA/high"
RELATION = {"ura": "1234567", "entity_name": "Kliniek De Linde", "roles": ["01.015", "01.041"]}
DEKKER = {"name": "Dr. D. Dekker", "uzi_id": "900011101", "loa_authn": HIGH, "relations": [RELATION]}


def who(minimum: Level = "substantial", id_token: dict[str, Any] | None = None, **claims: Any) -> CareProvider:
    """Whom the portal recognises; a claim that is None is not given."""
    said = {name: value for name, value in (DEKKER | claims).items() if value is not None}
    return care_provider(Evidence("s", id_token or {}, said), minimum, None, NOW)


def test_name_number_organisation_and_roles_are_taken():
    person = who()
    assert (person.name, person.uzi_id) == ("Dr. D. Dekker", "900011101")
    (place,) = person.workplaces
    assert (place.ura, place.name, place.roles) == ("01234567", "Kliniek De Linde", ("01.015", "01.041"))


def test_a_name_may_come_in_parts():
    assert who(name=None, initials="D.", surname_prefix="van", surname="Dekker").name == "D. van Dekker"
    assert who(name=None, voorletters="D.", voorvoegsel=None, achternaam="Dekker").name == "D. Dekker"


def test_a_dezi_number_is_a_number_like_another():
    assert who(uzi_id=None, dezi_nummer="12345678").uzi_id == "012345678"


@pytest.mark.parametrize(
    "claims",
    [
        {"card_type": "M"},
        {"card_type": "S"},
        {"card_type": "M", "name": None, "relations": None},
        {"name": None},
        {"name": "  "},
        {"uzi_id": None},
        {"uzi_id": ""},
    ],
    ids=str,
)
def test_a_card_without_a_person_opens_nothing(claims: dict[str, Any]):
    with pytest.raises(Refused, match="provider_card_unnamed"):
        who(**claims)


@pytest.mark.parametrize("kind", ["Z", "N"])
def test_a_card_of_a_person_does(kind: str):
    assert who(card_type=kind).name == "Dr. D. Dekker"


@pytest.mark.parametrize(
    "claims",
    [
        {"card_type": "X"},
        {"card_type": ["Z"]},
        {"uzi_id": "9000111012"},
        {"uzi_id": "90001110A"},
        {"dezi_nummer": "900011102"},
        {"relations": None},
        {"relations": []},
        {"relations": "all"},
        {"relations": [{**RELATION, "ura": "123456789"}]},
        {"relations": [{**RELATION, "ura": None}]},
        {"relations": [{**RELATION, "entity_name": ""}]},
        {"relations": [{**RELATION, "roles": "01.015"}]},
        {"relations": ["01234567"]},
        {"relations": [RELATION] * 51},
    ],
    ids=lambda claims: str(claims)[:60],
)
def test_what_cannot_be_read_lets_nobody_in(claims: dict[str, Any]):
    with pytest.raises(Refused, match="login_identity_problem"):
        who(**claims)


def test_no_login_of_care_providers_hands_out_a_role_of_ours():
    relation = {**RELATION, "roles": ["helpdesk", "security", "01.015", 7, "1.15", "01.015; helpdesk"]}
    assert who(relations=[relation]).workplaces[0].roles == ("01.015",)


@pytest.mark.parametrize(
    ("minimum", "id_token", "claims"),
    [
        ("substantial", {}, {"loa_authn": None}),
        ("substantial", {}, {"loa_authn": "http://eidas.europa.eu/LoA/low"}),
        ("substantial", {}, {"loa_authn": "high"}),
        ("substantial", {}, {"loa_uzi": "http://eidas.europa.eu/LoA/low"}),
        ("substantial", {"acr": "http://eidas.europa.eu/LoA/low"}, {}),
        ("high", {}, {"loa_authn": SUBSTANTIAL}),
        ("high", {"acr": SUBSTANTIAL}, {}),
    ],
    ids=str,
)
def test_the_lowest_level_that_is_told_is_the_level(minimum: Level, id_token: dict[str, Any], claims: dict[str, Any]):
    with pytest.raises(Refused, match="login_level_too_low"):
        who(minimum, id_token, **claims)
