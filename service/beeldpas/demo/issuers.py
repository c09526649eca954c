"""The configuration files of the three OIDC issuers: DigiD's stand-in, the care login, the staff login.

Each has its own keys and one client, the portal, which authenticates with `private_key_jwt`. The fields are
described in `issuer/README.md`. *Source:* netherlands.md §1.1–1.3 (levels, claims), §4.4 (care login).
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from beeldpas.demo.people import (
    COUNTER,
    PATIENTS,
    PROVIDERS,
    STAFF,
    STANDING_IN,
    Patient,
    Provider,
    Staff,
    StandingIn,
)

PROGRAM: Final = Path(__file__).parent / "issuer" / "issuer.mjs"

LOW: Final = "http://eidas.europa.eu/LoA/low"
SUBSTANTIAL: Final = "http://eidas.europa.eu/LoA/substantial"
HIGH: Final = "http://eidas.europa.eu/LoA/high"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Client:
    """The portal as one issuer knows it; `jwks` holds public keys only.

    `signed_by` ("PS256") and `encrypted_with` ("A256GCM") say how userinfo comes; without them it is plain JSON.
    """

    client_id: str
    redirect_uri: str
    jwks: Json
    signed_by: str = ""
    encrypted_with: str = ""
    assertions_by: str = "PS256"

    def metadata(self) -> Json:
        """The client metadata of OpenID Connect Dynamic Client Registration §2."""
        portal = self.redirect_uri.partition("/callback/")[0]
        metadata: Json = {
            "client_id": self.client_id,
            "redirect_uris": [self.redirect_uri],
            "post_logout_redirect_uris": [f"{portal}/signed-out"],
            "token_endpoint_auth_signing_alg": self.assertions_by,
            "jwks": self.jwks,
        }
        if self.signed_by:
            metadata |= {
                "userinfo_signed_response_alg": self.signed_by,
                "id_token_signed_response_alg": self.signed_by,
            }
        if self.encrypted_with:
            metadata |= {
                "userinfo_encrypted_response_alg": "RSA-OAEP",
                "userinfo_encrypted_response_enc": self.encrypted_with,
            }
        return metadata


def digid(client: Client) -> Json:
    """DigiD's stand-in: the patients, at a level that the visitor chooses."""
    return {
        "title": {"nl": "Inloggen met DigiD (nagemaakt)", "en": "Sign in with DigiD (stand-in)"},
        "subject_type": "pairwise",
        "claims": ["bsn", "loa_authn", "represents"],
        "levels": [
            _level(LOW, "Basis of Midden (te laag)", "Basic or Middle (too low)"),
            _level(SUBSTANTIAL, "Substantieel", "Substantial") | {"chosen": True},
            _level(HIGH, "Hoog", "High"),
        ],
        "people": [*map(_patient, PATIENTS), *map(_standing_in, STANDING_IN)],
        "clients": [client.metadata()],
    }


def care(client: Client) -> Json:
    """The care providers' login: who they are and for which organisations they work."""
    return {
        "title": {"nl": "Inloggen als zorgverlener (nagemaakt)", "en": "Sign in as care provider (stand-in)"},
        "sign_out": True,
        "claims": ["name", "uzi_id", "card_type", "loa_authn", "relations"],
        "people": [_provider(provider) for provider in (*PROVIDERS, COUNTER)],
        "clients": [client.metadata()],
    }


def dezi(client: Client, declaration: Json) -> Json:
    """The care providers' login as Dezi gives it: each person in a signed declaration, see `issuer/README.md`."""
    return {
        "title": {"nl": "Inloggen met Dezi (nagemaakt)", "en": "Sign in with Dezi (stand-in)"},
        "claims": ["verklaring", "verklaring_id"],
        "declaration": declaration,
        "people": [_declared(provider) for provider in PROVIDERS],
        "clients": [client.metadata()],
    }


def staff(client: Client) -> Json:
    """The staff login of the sharing service."""
    return {
        "title": {"nl": "Inloggen als medewerker (nagemaakt)", "en": "Sign in as staff (stand-in)"},
        "sign_out": True,
        "claims": ["name", "roles"],
        "people": [_member(member) for member in STAFF],
        "clients": [client.metadata()],
    }


def _level(value: str, dutch: str, english: str) -> Json:
    return {"value": value, "label": {"nl": dutch, "en": english}}


def _patient(patient: Patient) -> Json:
    bsn = patient.bsn.reveal()
    about = {"nl": f"burgerservicenummer {bsn}", "en": f"citizen service number {bsn}"}
    return {"id": patient.id, "name": patient.name, "about": about, "claims": {"bsn": bsn}}


def _standing_in(one: StandingIn) -> Json:
    """Somebody who signs in for another, as an authorisation service tells it within `represents`."""
    dutch, english = one.about
    represents = {
        "sub": f"represented-{one.given.lower()}",
        "iss": "https://machtigen.example",
        "sub_id_type": "urn:nl-eid-gdi:1.0:id:pseudonym",
        "bsn": one.bsn.reveal(),
        "relation": one.relation,
        "birthdate": one.birth_date.isoformat(),
        "given_name": one.given,
    }
    claims = {"bsn": one.person.bsn.reveal(), "represents": represents}
    return {"id": one.id, "name": one.person.name, "about": {"nl": dutch, "en": english}, "claims": claims}


def _provider(provider: Provider) -> Json:
    places = ", ".join(relation.entity_name for relation in provider.relations)
    claims = {
        "name": provider.name,
        "uzi_id": provider.uzi_id,
        "card_type": provider.card,
        "loa_authn": HIGH,
        "relations": [asdict(relation) for relation in provider.relations],
    }
    return {"id": provider.id, "name": provider.name, "about": {"nl": places, "en": places}, "claims": claims}


def _declared(provider: Provider) -> Json:
    relation = provider.relations[0]
    title, initials, family = provider.name.split(maxsplit=2)
    claims = {
        "loa_dezi": HIGH,
        "dezi_nummer": provider.uzi_id,
        "voorletters": f"{title} {initials}",
        "voorvoegsel": None,
        "achternaam": family,
        "abonnee_nummer": relation.ura,
        "abonnee_naam": relation.entity_name,
        "rol_code": relation.roles[0],
        "rol_naam": "Arts",
        "rol_code_bron": "http://dezi.example/rol_bron/big",
    }
    return _provider(provider) | {"claims": claims}


def _member(member: Staff) -> Json:
    roles = ", ".join(member.roles)
    claims = {"name": member.name, "roles": list(member.roles)}
    return {"id": member.id, "name": member.name, "about": {"nl": roles, "en": roles}, "claims": claims}
