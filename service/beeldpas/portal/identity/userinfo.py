"""What a provider says of a person at its userinfo endpoint, in the one form that is agreed with it.

Three forms exist: JSON, a signed JWT, and a signed JWT inside an encrypted one, as DigiD's OpenID front gives it. A
form that is not the agreed one is refused however well it reads: plain JSON where a signed and encrypted answer was
agreed is what somebody in between would send. *Source:* OpenID Connect Core 1.0 §5.3.2; RFC 7516; NL GOV Assurance
profile for OpenID Connect 1.0.1 (RSA-OAEP, A256GCM); netherlands.md §1.1 (A128CBC-HS256 at MAX).
"""

import json
from base64 import urlsafe_b64decode
from datetime import datetime

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwe import JWERegistry
from joserfc.jwk import KeySet, RSAKey

from beeldpas.portal.identity.verification import LEEWAY_SECONDS, Claims, problem, signed_claims
from beeldpas.portal.settings import IssuerSettings

_KEY_MANAGEMENT = "RSA-OAEP"
_SIGNED_DOTS, _ENCRYPTED_DOTS = 2, 4
_MEDIA_TYPES = {"json": "application/json", "signed": "application/jwt", "encrypted": "application/jwt"}


def unwrapped(body: bytes, content_type: str, settings: IssuerSettings, private_key: RSAKey) -> str:
    """Return what is inside the envelope, if one is agreed: JSON, or a JWT whose signature nobody checked yet.

    Raises: Refused("login_identity_problem") for another form than the agreed one.
    """
    text = body.decode("utf-8", "replace").strip()
    if content_type.partition(";")[0].strip().lower() != _MEDIA_TYPES[settings.userinfo]:
        raise problem("userinfo form")
    if settings.userinfo == "encrypted":
        text = _opened(text, settings.content_encryption, private_key)
    if settings.userinfo != "json" and text.count(".") != _SIGNED_DOTS:
        raise problem("userinfo form")
    return text


def verified(text: str, settings: IssuerSettings, *, keys: KeySet, now: datetime) -> Claims:
    """Return the claims of what was unwrapped. Raises: Refused("login_identity_problem")."""
    if settings.userinfo == "json":
        return _json(text)
    claims = signed_claims(text, keys, settings.signature_algorithms, "userinfo")
    issuer = settings.userinfo_issuer or settings.issuer
    if claims.get("iss") != issuer or claims.get("aud") not in (settings.client_id, [settings.client_id]):
        raise problem("userinfo aud")
    if not _is_in_time(claims, now):
        raise problem("userinfo exp")
    return claims


def _opened(token: str, encryption: str, private_key: RSAKey) -> str:
    """Open the envelope; its header decides nothing: it must be what was agreed, and nothing in it is compressed."""
    header = _header(token) if token.count(".") == _ENCRYPTED_DOTS else {}
    if (header.get("alg"), header.get("enc"), header.get("zip")) != (_KEY_MANAGEMENT, encryption, None):
        raise problem("userinfo encryption")
    # The header may repeat claims (RFC 7519 §5.3) and name certificates; only what is signed inside is believed.
    registry = JWERegistry(algorithms=[_KEY_MANAGEMENT, encryption], strict_check_header=False)
    try:
        plain = jwe.decrypt_compact(token, private_key, registry=registry).plaintext
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise problem("userinfo encryption") from error
    return (plain or b"").decode("utf-8", "replace")


def _header(token: str) -> Claims:
    segment = token.partition(".")[0]
    try:
        header = json.loads(urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    except (ValueError, RecursionError):
        return {}
    return header if isinstance(header, dict) else {}


def _json(text: str) -> Claims:
    try:
        claims = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise problem("userinfo") from error
    if not isinstance(claims, dict):
        raise problem("userinfo")
    return claims


def _is_in_time(claims: Claims, now: datetime) -> bool:
    """Times are not required of userinfo; what is there must hold."""
    expires, valid_from = claims.get("exp", now.timestamp()), claims.get("nbf", 0)
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in (expires, valid_from)):
        return False
    moment = now.timestamp()
    return bool(valid_from - LEEWAY_SECONDS <= moment < expires + LEEWAY_SECONDS)
