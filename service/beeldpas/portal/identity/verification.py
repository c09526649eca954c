"""What must be true of an ID token before anybody is believed. Pure: keys and time come in.

Which signatures count is agreed with each provider; `none` and anything made with a shared secret never do.
*Source:* OpenID Connect Core 1.0 §3.1.3.7; RFC 8725 §3.1; NL GOV Assurance profile (algorithms).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from beeldpas.domain.errors import Refused
from beeldpas.portal.settings import IssuerSettings

Claims = dict[str, Any]
LEEWAY_SECONDS = 30


def verify_id_token(token: str, settings: IssuerSettings, *, keys: KeySet, nonce: str, now: datetime) -> Claims:
    """Return the claims of an ID token made for this sign-in. Raises: Refused("login_identity_problem")."""
    claims = signed_claims(token, keys, settings.signature_algorithms, "id_token")
    held = {
        "iss": claims.get("iss") == settings.issuer,
        "aud": claims.get("aud") in (settings.client_id, [settings.client_id]),
        "azp": claims.get("azp", settings.client_id) == settings.client_id,
        "nonce": claims.get("nonce") == nonce,
        "exp": _is_fresh(claims, now),
    }
    if broken := [name for name, holds in held.items() if not holds]:
        raise problem(f"id_token {broken[0]}")
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
        raise problem("auth_time")
    if max_age is not None and now.timestamp() > since + max_age + LEEWAY_SECONDS:
        raise problem("auth_time")
    return since


def same_subject(id_token: Claims, userinfo: Claims) -> str:
    """Return the subject that both are about. Raises: Refused when they are about two people."""
    subject = id_token.get("sub")
    if not isinstance(subject, str) or not subject or userinfo.get("sub") != subject:
        raise problem("sub")
    return subject


def signed_claims(token: str, keys: KeySet, algorithms: Iterable[str], what: str) -> Claims:
    """Return the claims of a JWT signed by one of the keys. Raises: Refused("login_identity_problem")."""
    try:
        claims = jwt.decode(token, keys, registry=JWSRegistry(algorithms=list(algorithms))).claims
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise problem(f"{what} signature") from error
    return dict(claims)


def problem(where: str) -> Refused:
    """Say for the log what did not hold; people only read that it did not work."""
    return Refused("login_identity_problem", {"where": where})


def _is_fresh(claims: Claims, now: datetime) -> bool:
    issued, expires, valid_from = claims.get("iat"), claims.get("exp"), claims.get("nbf", 0)
    if type(issued) is not int or type(expires) is not int or type(valid_from) is not int:
        return False
    return max(issued, valid_from) - LEEWAY_SECONDS <= now.timestamp() < expires + LEEWAY_SECONDS
