"""The hospital directory as it is handed out: one signed list with every hospital's keys in it, good until a day.

*Source:* docs/wire.md §7; RFC 7515 (JWS), RFC 7517 (JWK set).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from beeldpas.domain.errors import Malformed, Refused
from beeldpas.formats import jose
from beeldpas.formats.hospitals import Hospital
from beeldpas.formats.jose import load_keys, public_jwks

DIRECTORY_TYPE = "hospital-directory+jwt"
FIELDS = ("gateway_id", "name", "ura", "base_url", "phone")


@dataclass(frozen=True, slots=True)
class Listed:
    """One hospital of a signed list: its fields as text, its public keys, and its archives' location UIDs."""

    fields: Mapping[str, str]
    keys: Mapping[str, Any]
    locations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SignedDirectory:
    """A list that somebody signed; it counts from `issued_at` until `ends_at`."""

    hospitals: tuple[Listed, ...]
    issued_at: datetime
    ends_at: datetime


def sign_directory(hospitals: Sequence[Listed], *, issuer: str, now: datetime, ends_at: datetime, key: KeySet) -> str:
    """Sign a list with the newest key."""
    claims = {
        "iss": issuer,
        "iat": int(now.timestamp()),
        "exp": int(ends_at.timestamp()),
        "hospitals": [
            {**one.fields, "keys": one.keys, **({"locations": list(one.locations)} if one.locations else {})}
            for one in hospitals
        ],
    }
    return jose.sign(claims, typ=DIRECTORY_TYPE, key=key)


def read_directory(token: str, *, issuer: str, keys: KeySet, now: datetime) -> SignedDirectory:
    """Return a list that `issuer` signed with one of its keys and that counts now.

    Raises: Refused("directory_refused") for a list that is altered, somebody else's, ended or yet to come;
    Malformed("directory") for one that is signed and still none.
    """
    try:
        claims = jose.verify(token.strip(), typ=DIRECTORY_TYPE, keys=keys, issuer=issuer, audience=None, now=now)
    except Refused as error:
        raise Refused("directory_refused") from error
    try:
        hospitals = tuple(_listed(one) for one in claims["hospitals"])
    except (KeyError, TypeError, ValueError, AttributeError, JoseError) as error:
        raise Malformed("directory") from error
    moments = (datetime.fromtimestamp(claims[name], UTC) for name in ("iat", "exp"))
    return SignedDirectory(hospitals, *moments)


def listed(hospital: Hospital) -> Listed:
    """Return an entry of the directory's file with the keys that it names. Raises: OSError, ValueError."""
    fields = {name: getattr(hospital, name) for name in FIELDS}
    return Listed(fields, public_jwks(load_keys(hospital.jwks_file)), hospital.locations)


def _listed(element: Mapping[str, Any]) -> Listed:
    fields = {name: element[name] for name in FIELDS}
    if not all(isinstance(text, str) for text in fields.values()):
        raise TypeError("every field of a hospital is text")
    keys = KeySet.import_key_set(element["keys"])
    return Listed(fields, public_jwks(keys), tuple(map(str, element.get("locations", ()))))
