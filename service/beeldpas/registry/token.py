"""The token endpoint: a hospital proves who it is and gets five minutes to publish.

*Source:* RFC 6749 §4.4 (client credentials), RFC 7523 §2.2 (private_key_jwt); docs/wire.md §2.
"""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import BeeldpasError, Malformed, Refused
from beeldpas.formats.assertion import CLIENT_ASSERTION_TYPE, read_assertion
from beeldpas.formats.hospitals import Hospital
from beeldpas.registry.bearer import LIFETIME, issue_token
from beeldpas.registry.index import Index
from beeldpas.registry.store import tokens
from beeldpas.web.body import read_form
from beeldpas.web.errors import oauth_response


async def token(request: Request) -> JSONResponse:
    """`POST /token`."""
    index: Index = request.app.state.index
    try:
        hospital = await _authenticate(index, await read_form(request))
    except BeeldpasError as error:
        return oauth_response(error)
    answer = {
        "access_token": issue_token(index, hospital, index.clock()),
        "token_type": "Bearer",
        "expires_in": int(LIFETIME.total_seconds()),
    }
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})


async def _authenticate(index: Index, form: Mapping[str, tuple[str, ...]]) -> Hospital:
    if _only(form, "grant_type") != "client_credentials":
        raise Malformed("unsupported_grant_type")
    if _only(form, "client_assertion_type") != CLIENT_ASSERTION_TYPE:
        raise Refused("invalid_client")
    now = index.clock()
    client = read_assertion(
        _only(form, "client_assertion"),
        clients=index.hospital_keys,
        audience=index.settings.base_url,
        now=now,
    )
    async with transaction(index.engine) as connection:
        is_fresh = await tokens.spend(
            connection, issuer=client.client_id, jti=client.jti, expires_at=client.expires_at
        )
    if not is_fresh:
        raise Refused("invalid_client")
    await index.limits.spend("token", index.settings.limits.tokens, client.client_id)
    return index.hospitals[client.client_id]


def _only(form: Mapping[str, tuple[str, ...]], name: str) -> str:
    """A field that comes once, or "" (RFC 6749 §3.2: parameters must not be repeated)."""
    found = form.get(name, ())
    return found[0] if len(found) == 1 else ""
