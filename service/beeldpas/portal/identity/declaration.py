"""The signed declaration ("verklaring") in which Dezi says who a care provider is, and where and as what they work.

It is believed by keys that an administrator placed, and by nothing that it says of its own keys: a `jku` is never
called, and one that is not the agreed address is a refusal. Whether it was revoked since (`status_uri`) is not asked.
*Source:* netherlands.md §4.4 (Dezi, vendor specification 0.7); RFC 7515 §4.1.2; RFC 8725 §3.10.
"""

import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from joserfc.jwk import KeySet, RSAKey

from beeldpas.formats.jose import load_keys
from beeldpas.portal.identity.verification import LEEWAY_SECONDS, Claims, problem, signed_claims
from beeldpas.portal.settings import DeclarationSettings

_ALGORITHM = "RS256"
_LONGEST_JTI = 150


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a declaration says, whose it is, its number, until when it holds, and whether it counts only once."""

    claims: Claims
    issuer: str
    jti: str
    expires_at: datetime
    once: bool


class Declarations:
    """Verifies what one signer declares."""

    def __init__(self, settings: DeclarationSettings, keys: KeySet) -> None:
        self._settings = settings
        self._keys = {key.kid: key for key in keys.keys if isinstance(key, RSAKey)}

    @classmethod
    def load(cls, settings: DeclarationSettings) -> "Declarations":
        """Read the pinned keys. Raises: OSError, ValueError."""
        return cls(settings, load_keys(settings.jwks_file))

    def verified(self, token: object, now: datetime) -> Declaration:
        """Return what is declared; whether it was seen before is for the door to know.

        Raises: Refused("login_identity_problem").
        """
        header = _header(token)
        key = self._keys.get(header.get("kid"))
        if not isinstance(token, str) or key is None:
            raise problem("declaration key")
        if self._settings.jku and header.get("jku") != self._settings.jku:
            raise problem("declaration jku")
        claims = signed_claims(token, KeySet([key]), [_ALGORITHM], "declaration")
        jti, expires = claims.get("jti"), claims.get("exp")
        if claims.get("iss") != self._settings.issuer:
            raise problem("declaration iss")
        if not isinstance(jti, str) or not 0 < len(jti) <= _LONGEST_JTI:
            raise problem("declaration jti")
        if not _is_in_time(expires, claims.get("nbf"), now):
            raise problem("declaration exp")
        ends = datetime.fromtimestamp(claims["exp"], UTC)
        return Declaration(claims, self._settings.issuer, jti, ends, self._settings.once)


def _header(token: object) -> dict[str, Any]:
    segment = token.partition(".")[0] if isinstance(token, str) else ""
    try:
        header = json.loads(urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    except (ValueError, RecursionError):
        return {}
    return header if isinstance(header, dict) and isinstance(header.get("kid"), str) else {}


def _is_in_time(expires: object, valid_from: object, now: datetime) -> bool:
    if type(expires) is not int or type(valid_from) is not int:
        return False
    return valid_from - LEEWAY_SECONDS <= now.timestamp() < expires + LEEWAY_SECONDS
