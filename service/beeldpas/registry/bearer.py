"""Who is at the door: the hospital behind an access token that this registry gave it."""

from datetime import datetime, timedelta
from uuid import uuid4

from starlette.requests import Request

from beeldpas.domain.errors import Refused
from beeldpas.formats import jose
from beeldpas.formats.hospitals import Hospital
from beeldpas.registry.index import Index

ACCESS_TOKEN = "at+jwt"  # noqa: S105  (the name of a kind of token)
LIFETIME = timedelta(seconds=300)


def issue_token(index: Index, hospital: Hospital, now: datetime) -> str:
    """Sign an access token with which a hospital may publish for five minutes."""
    issued = int(now.timestamp())
    return jose.sign(
        {
            "iss": index.settings.base_url,
            "aud": index.settings.base_url,
            "sub": hospital.base_url,
            "client_id": hospital.base_url,
            "iat": issued,
            "exp": issued + int(LIFETIME.total_seconds()),
            "jti": uuid4().hex,
        },
        typ=ACCESS_TOKEN,
        key=index.keys,
    )


def bearer_of(request: Request) -> str:
    """Return the token of a request. Raises: Refused("invalid_token") when it brings none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Refused("invalid_token")
    return token.strip()


def publishing_hospital(index: Index, request: Request) -> Hospital:
    """Return the hospital whose access token a request brings. Raises: Refused("invalid_token")."""
    own = index.settings.base_url
    claims = jose.verify(
        bearer_of(request), typ=ACCESS_TOKEN, keys=index.keys, issuer=own, audience=own, now=index.clock()
    )
    hospital = index.hospitals.get(str(claims.get("sub")))
    if hospital is None:
        raise Refused("invalid_token")
    return hospital
