"""The token endpoint: a gateway's one-time code for an access token. *Source:* RFC 6749 §4.1.3, §5."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from beeldpas.domain.errors import BeeldpasError, Malformed
from beeldpas.domain.secret import OneTimeCode
from beeldpas.portal.actions.exchange_code import exchange_code
from beeldpas.portal.authorization.client import authenticate
from beeldpas.portal.house import House
from beeldpas.web.body import read_form
from beeldpas.web.errors import oauth_response


async def token(request: Request) -> Response:
    """Answer a token request; every error is an OAuth error."""
    house: House = request.app.state.house
    try:
        form = _once_each(await read_form(request))
        hospital, client = await authenticate(house, form)
        if form.get("grant_type") != "authorization_code":
            raise Malformed("unsupported_grant_type")
        code = OneTimeCode(form.get("code", ""))
        issued = await exchange_code(house, hospital, code, form.get("redirect_uri", ""), client)
    except BeeldpasError as error:
        return oauth_response(error)
    return JSONResponse(
        {
            "access_token": issued.access_token.reveal(),
            "token_type": "Bearer",
            "expires_in": issued.expires_in,
        },
        headers={"Cache-Control": "no-store"},
    )


def _once_each(form: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """RFC 6749 §3.2: parameters must not be included more than once."""
    if any(len(values) != 1 for values in form.values()):
        raise Malformed("form")
    return {name: values[0] for name, values in form.items()}
