"""A Dezi declaration counts by keys that an administrator placed, and in its time; of its keys it says nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from tests.cast import NOW

from beeldpas.domain.errors import Refused
from beeldpas.portal.identity.declaration import Declarations
from beeldpas.portal.identity.relying_party import Evidence
from beeldpas.portal.identity.zorg import CareProvider, care_provider
from beeldpas.portal.settings import DeclarationSettings

KEY, ANOTHER = (RSAKey.generate_key(2048, {"kid": "dezi-1"}) for _ in range(2))
JKU = "https://auth.dezi.example/jwks.json"
HIGH = "http://eidas.europa.eu/LoA/high"
SECOND = int(NOW.timestamp())
CLAIMS = {
    "jti": "61b1fafc",
    "iss": "https://abonnee.dezi.nl",
    "nbf": SECOND - 60,
    "exp": SECOND + 3600,
    "loa_dezi": HIGH,
    "dezi_nummer": "123456789",
    "voorletters": "A.B.",
    "voorvoegsel": None,
    "achternaam": "Zorgmedewerker",
    "abonnee_nummer": "87654321",
    "abonnee_naam": "Zorgaanbieder",
    "rol_code": "01.015",
    "rol_naam": "Arts",
    "rol_code_bron": "http://dezi.example/rol_bron/big",
}


def declared(key: RSAKey = KEY, header: dict[str, Any] | None = None, **claims: Any) -> str:
    """A declaration, honest but for what is named; None takes a claim away."""
    said = {name: value for name, value in (CLAIMS | claims).items() if value is not None or name == "voorvoegsel"}
    head = {"alg": "RS256", "kid": "dezi-1", "jku": JKU, "typ": "JWT"} | (header or {})
    return jwt.encode({k: v for k, v in head.items() if v is not None}, said, key, algorithms=["RS256", "PS256"])


def who(token: object, **userinfo: Any) -> CareProvider:
    """Whom the portal recognises by this declaration."""
    settings = DeclarationSettings(jwks_file=Path("unread"), jku=JKU)
    declarations = Declarations(settings, KeySet([KEY]))
    said = {"sub": "s", "loa_authn": HIGH, "verklaring": token, **userinfo}
    return care_provider(Evidence("s", {}, said), "substantial", declarations, NOW)


def test_what_is_declared_is_who_it_is():
    person = who(declared())
    assert (person.name, person.uzi_id) == ("A.B. Zorgmedewerker", "123456789")
    (place,) = person.workplaces
    assert (place.ura, place.name, place.roles) == ("87654321", "Zorgaanbieder", ("01.015",))
    assert person.declaration is not None
    assert (person.declaration.jti, person.declaration.issuer) == ("61b1fafc", "https://abonnee.dezi.nl")


def test_only_what_is_declared_counts_and_not_what_userinfo_says_beside_it():
    beside = {"name": "Dr. Evil", "dezi_nummer": "999999999", "relations": [{"ura": "1", "entity_name": "Evil"}]}
    assert who(declared(), **beside).name == "A.B. Zorgmedewerker"


def test_the_keys_are_read_from_the_file_of_the_settings(tmp_path: Path):
    file = tmp_path / "dezi.jwks.json"
    file.write_text(json.dumps(KeySet([KEY]).as_dict(private=False)))
    declarations = Declarations.load(DeclarationSettings(jwks_file=file))
    assert declarations.verified(declared(), NOW).claims["dezi_nummer"] == "123456789"


@pytest.mark.parametrize(
    "token",
    [
        None,
        "",
        7,
        "a.b.c",
        declared(ANOTHER),
        declared(header={"kid": "of-nobody"}),
        declared(header={"kid": None}),
        declared(header={"jku": "https://evil.example/jwks.json"}),
        declared(header={"jku": None}),
        declared(header={"alg": "PS256"}),
        declared(ANOTHER, {"jwk": ANOTHER.as_dict(private=False)}),
        declared(iss="https://evil.example"),
        declared(iss=None),
        declared(exp=SECOND - 60),
        declared(exp=None),
        declared(exp="tomorrow"),
        declared(nbf=SECOND + 3600),
        declared(nbf=None),
        declared(jti=None),
        declared(jti=""),
        declared(jti="x" * 200),
        declared(abonnee_nummer=None),
        declared(abonnee_naam=""),
        declared(dezi_nummer="number"),
    ],
)
def test_a_declaration_that_is_not_right_lets_nobody_in(token: object):
    with pytest.raises(Refused, match="login_identity_problem"):
        who(token)


@pytest.mark.parametrize("claims", [{"achternaam": None}, {"dezi_nummer": None}])
def test_a_declaration_about_nobody_by_name_lets_nobody_in(claims: dict[str, Any]):
    with pytest.raises(Refused, match="provider_card_unnamed"):
        who(declared(**claims))


@pytest.mark.parametrize("level", [None, "high", "http://eidas.europa.eu/LoA/low", "http://eidas.example/LoA/high"])
def test_a_declaration_without_a_level_that_is_high_enough_lets_nobody_in(level: str | None):
    with pytest.raises(Refused, match="login_level_too_low"):
        who(declared(loa_dezi=level))
