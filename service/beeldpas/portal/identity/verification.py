"""What must be true of an ID token and of userinfo before anybody is believed.

Pure: keys and time come in. Userinfo comes as JSON, as a signed JWT, or as a signed JWT inside an encrypted one (as
DigiD's OpenID front does). *Source:* OpenID Connect Core 1.0 §3.1.3.7, §5.3; NL GOV Assurance profile (algorithms).
"""

import json
from datetime import datetime
from typing import Any

from joserfc import jwe, jwt
from joserfc.errors import JoseError
from joserfc.jwe import JWERegistry
from joserfc.jwk import KeySet, RSAKey
from joserfc.jws import JWSRegistry

from beeldpas.domain.errors import Refused

Claims = dict[str, Any]
LEEWAY_SECONDS = 30
_SIGNATURES = JWSRegistry(algorithms=["PS256", "RS256"])
# The envelope's header repeats claims (RFC 7519 §5.3); only those inside the signature are believed.
_ENCRYPTION = JWERegistry(
    algorithms=["RSA-OAEP", "RSA-OAEP-256", "A256GCM", "A128CBC-HS256"], strict_check_header=False
)


def verify_id_token(token: str, *, keys: KeySet, issuer: str, client_id: str, nonce: str, now: datetime) -> Claims:
    """Return the claims of an ID token made for this sign-in. Raises: Refused("login_identity_problem")."""
    claims = _signed(token, keys, "id_token")
    audiences = claims.get("aud")
    audiences = [audiences] if isinstance(audiences, str) else audiences
    held = {
        "iss": claims.get("iss") == issuer,
        "aud": audiences == [client_id],
        "azp": claims.get("azp", client_id) == client_id,
        "nonce": claims.get("nonce") == nonce,
        "exp": _is_fresh(claims, now),
    }
    if broken := [name for name, holds in held.items() if not holds]:
        raise _problem(f"id_token {broken[0]}")
    return claims


def authenticated_at(id_token: Claims, *, max_age: int | None, now: datetime) -> int | None:
    """Return when the person last showed who they are (seconds since 1970); None when the provider does not tell.

    With `max_age` asked it has to tell, and not of longer ago. Raises: Refused("login_identity_problem").
    *Source:* OpenID Connect Core 1.0 §2 (`auth_time`), §3.1.2.1 (`max_age`), §3.1.3.7 item 12.
    """
    since = id_token.get("auth_time")
    if since is None and max_age is None:
        return None
    if type(since) is not int or since > now.timestamp() + LEEWAY_SECONDS:
        raise _problem("auth_time")
    if max_age is not None and now.timestamp() > since + max_age + LEEWAY_SECONDS:
        raise _problem("auth_time")
    return since


def verify_userinfo(
    body: bytes,
    content_type: str,
    *,
    private_key: RSAKey,
    keys: KeySet,
    issuer: str,
    client_id: str,
    now: datetime,
) -> Claims:
    """Return the claims at userinfo, in whichever of the three forms. Raises: Refused("login_identity_problem")."""
    if content_type.partition(";")[0].strip().lower() != "application/jwt":
        return _json(body)
    claims = _signed(_decrypted(body.decode("ascii", "replace").strip(), private_key), keys, "userinfo")
    expires = claims.get("exp")
    if claims.get("iss") != issuer or claims.get("aud") not in (client_id, [client_id]):
        raise _problem("userinfo aud")
    if expires is not None and not (type(expires) is int and now.timestamp() < expires + LEEWAY_SECONDS):
        raise _problem("userinfo exp")
    return claims


def same_subject(id_token: Claims, userinfo: Claims) -> str:
    """Return the subject that both are about. Raises: Refused when they are about two people."""
    subject = id_token.get("sub")
    if not isinstance(subject, str) or not subject or userinfo.get("sub") != subject:
        raise _problem("sub")
    return subject


def _signed(token: str, keys: KeySet, what: str) -> Claims:
    try:
        claims = jwt.decode(token, keys, registry=_SIGNATURES).claims
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise _problem(f"{what} signature") from error
    return dict(claims)


def _decrypted(token: str, private_key: RSAKey) -> str:
    """Open the outer envelope if there is one."""
    if token.count(".") != 4:
        return token
    try:
        plain = jwe.decrypt_compact(token, private_key, registry=_ENCRYPTION).plaintext
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise _problem("userinfo encryption") from error
    return (plain or b"").decode("ascii", "replace")


def _json(body: bytes) -> Claims:
    try:
        claims = json.loads(body)
    except ValueError as error:
        raise _problem("userinfo") from error
    if not isinstance(claims, dict):
        raise _problem("userinfo")
    return claims


def _is_fresh(claims: Claims, now: datetime) -> bool:
    issued, expires = claims.get("iat"), claims.get("exp")
    if type(issued) is not int or type(expires) is not int:
        return False
    return issued - LEEWAY_SECONDS <= now.timestamp() < expires + LEEWAY_SECONDS


def _problem(where: str) -> Refused:
    """Say for the log what did not hold; people only read that it did not work."""
    return Refused("login_identity_problem", {"where": where})
