"""Signed messages between the programs: compact JWS with Ed25519, each kind with its own `typ`.

A verifier names the kind, the issuer and the audience it wants, and takes keys from its own configuration only.
*Source:* RFC 7519 (JWT), RFC 8725 (best practice), RFC 9864 (alg Ed25519).
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from beeldpas.domain.errors import Refused

ALGORITHM = "Ed25519"
LEEWAY = timedelta(seconds=30)
Claims = dict[str, Any]


class _Large(JWSRegistry):
    """The library's limit of 128 kB is less than a manifest or the preview of a long history; readers bound bytes."""

    max_payload_length = 32_000_000


REGISTRY = _Large(algorithms=[ALGORITHM])


def new_key(kid: str) -> OKPKey:
    """Make a signing key that names itself."""
    return OKPKey.generate_key("Ed25519", {"kid": kid, "alg": ALGORITHM, "use": "sig"})


def new_rsa_key(kid: str) -> RSAKey:
    """Make a 2048-bit RSA key for clients of OpenID providers that know no Ed25519 (PS256)."""
    return RSAKey.generate_key(2048, {"kid": kid, "alg": "PS256", "use": "sig"})


def load_keys(path: Path) -> KeySet:
    """Read a JWK set, private or public."""
    return KeySet.import_key_set(json.loads(path.read_text()))


def public_jwks(keys: KeySet) -> dict[str, Any]:
    """Return what may be published: the public halves."""
    return dict(keys.as_dict(private=False))


def sign(claims: Mapping[str, Any], *, typ: str, key: OKPKey | KeySet) -> str:
    """Sign with the key, or with the first of a set (the newest)."""
    signer = key.keys[0] if isinstance(key, KeySet) else key
    header = {"alg": ALGORITHM, "typ": typ, "kid": signer.kid}
    return jwt.encode(header, dict(claims), signer, registry=REGISTRY)


def verify(token: str, *, typ: str, keys: KeySet, issuer: str, audience: str | None, now: datetime) -> Claims:
    """Return the claims of a message that is what it says, from whom it says, for whom it says, and fresh.

    `audience=None` is for messages that have none (a status list). Not checked: whether `jti` was seen before.
    Raises: Refused("invalid_token").
    """
    try:
        message = jwt.decode(token, keys, registry=REGISTRY)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise Refused("invalid_token") from error
    claims = message.claims
    accepted = (
        message.header.get("typ") == typ
        and isinstance(claims, dict)
        and claims.get("iss") == issuer
        and (audience is None or claims.get("aud") == audience)
        and _is_fresh(claims, now)
    )
    if not accepted:
        raise Refused("invalid_token")
    return claims


def unverified_issuer(token: str) -> str:
    """Return who a message claims to be from, to choose the keys to verify it with; "" when unreadable."""
    try:
        _, payload, _ = token.split(".")
        claims = json.loads(_decode(payload))
    except (ValueError, UnicodeDecodeError, RecursionError):
        return ""
    issuer = claims.get("iss") if isinstance(claims, dict) else None
    return issuer if isinstance(issuer, str) else ""


def _decode(segment: str) -> bytes:
    return urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


def _is_fresh(claims: Claims, now: datetime) -> bool:
    issued, expires = claims.get("iat"), claims.get("exp")
    if type(issued) is not int or type(expires) is not int:
        return False
    return issued - LEEWAY.total_seconds() <= now.timestamp() < expires
