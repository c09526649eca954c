"""The configuration files of the three OIDC issuers: DigiD's stand-in, the care login, the staff login.

Each has its own keys and one client, the portal, which authenticates with `private_key_jwt`. The fields are
described in `issuer/README.md`. *Source:* netherlands.md §1.1–1.3 (levels, claims), §4.4 (care login).
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from beeldpas.demo.people import PATIENTS, PROVIDERS, STAFF, STANDING_IN, Patient, Provider, Staff, StandingIn

PROGRAM: Final = Path(__file__).parent / "issuer" / "issuer.mjs"

LOW: Final = "http://eidas.europa.eu/LoA/low"
SUBSTANTIAL: Final = "http://eidas.europa.eu/LoA/substantial"
HIGH: Final = "http://eidas.europa.eu/LoA/high"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Client:
    """The portal as one issuer knows it; `jwks` holds public keys only."""

    client_id: str
    redirect_uri: str
    jwks: Json
    encrypted_userinfo: bool = False

    def metadata(self) -> Json:
        """The client metadata of OpenID Connect Dynamic Client Registration §2."""
        metadata: Json = {
            "client_id": self.client_id,
            "redirect_uris": [self.redirect_uri],
            "jwks": self.jwks,
        }
        if self.encrypted_userinfo:
            metadata |= {
                "userinfo_signed_response_alg": "PS256",
                "userinfo_encrypted_response_alg": "RSA-OAEP",
                "userinfo_encrypted_response_enc": "A256GCM",
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
        "claims": ["name", "uzi_id", "relations"],
        "people": [_provider(provider) for provider in PROVIDERS],
        "clients": [client.metadata()],
    }


def staff(client: Client) -> Json:
    """The staff login of the sharing service."""
    return {
        "title": {"nl": "Inloggen als medewerker (nagemaakt)", "en": "Sign in as staff (stand-in)"},
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
        "relations": [asdict(relation) for relation in provider.relations],
    }
    return {"id": provider.id, "name": provider.name, "about": {"nl": places, "en": places}, "claims": claims}


def _member(member: Staff) -> Json:
    roles = ", ".join(member.roles)
    claims = {"name": member.name, "roles": list(member.roles)}
    return {"id": member.id, "name": member.name, "about": {"nl": roles, "en": roles}, "claims": claims}
