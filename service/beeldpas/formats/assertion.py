"""How one program proves to another's token endpoint who it is: `private_key_jwt`.

*Source:* RFC 7523 §2.2 and §3, RFC 7521; docs/wire.md §2 and §4.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from joserfc.jwk import KeySet

from beeldpas.domain.errors import Refused
from beeldpas.domain.secret import Secret
from beeldpas.formats import jose

ASSERTION_JWT = "client-authentication+jwt"
CLIENT_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFETIME = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Client:
    """A client that proved who it is. Whether `jti` was seen before is for the receiver to check."""

    client_id: str
    jti: str
    expires_at: datetime


def sign_assertion(*, client_id: str, audience: str, now: datetime, key: KeySet) -> Secret:
    """Sign a proof for one request to the token endpoint of `audience`, good for sixty seconds."""
    issued = int(now.timestamp())
    expires = issued + int(LIFETIME.total_seconds())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "iat": issued,
        "exp": expires,
        "jti": uuid4().hex,
    }
    return Secret(jose.sign(claims, typ=ASSERTION_JWT, key=key))


def read_assertion(token: str, *, clients: Mapping[str, KeySet], audience: str, now: datetime) -> Client:
    """Return which of `clients` (client id → keys) made the proof. Raises: Refused("invalid_client")."""
    claimed = jose.unverified_issuer(token)
    if claimed not in clients:
        raise Refused("invalid_client")
    try:
        claims = jose.verify(
            token, typ=ASSERTION_JWT, keys=clients[claimed], issuer=claimed, audience=audience, now=now
        )
    except Refused as error:
        raise Refused("invalid_client") from error
    jti = claims.get("jti")
    lifetime = claims["exp"] - claims["iat"]
    if claims.get("sub") != claimed or not isinstance(jti, str) or not 16 <= len(jti) <= 200 or not jti.isprintable():
        raise Refused("invalid_client")
    if lifetime > LIFETIME.total_seconds():
        raise Refused("invalid_client")
    return Client(claimed, jti, datetime.fromtimestamp(claims["exp"], UTC))
