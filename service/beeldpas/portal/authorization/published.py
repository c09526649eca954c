"""What the authorization server says of itself: its public keys, and where its endpoints are."""

from starlette.requests import Request
from starlette.responses import JSONResponse

from beeldpas.formats.jose import ALGORITHM, public_jwks
from beeldpas.portal.access_token import IMAGING_TYPE
from beeldpas.portal.house import House

_FIVE_MINUTES = {"Cache-Control": "max-age=300"}


async def jwks(request: Request) -> JSONResponse:
    """Publish the public halves of all signing keys, also of those that sign no more. *Source:* RFC 7517 §5."""
    house: House = request.app.state.house
    return JSONResponse(public_jwks(house.keys), headers=_FIVE_MINUTES, media_type="application/jwk-set+json")


async def server_metadata(request: Request) -> JSONResponse:
    """Describe the server. *Source:* RFC 8414 §2.

    There is no authorization endpoint: the portal's own pages hand out the codes.
    """
    house: House = request.app.state.house
    base = house.settings.base_url
    return JSONResponse(
        {
            "issuer": base,
            "token_endpoint": f"{base}/token",
            "jwks_uri": f"{base}/jwks.json",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": [ALGORITHM],
            "authorization_details_types_supported": [IMAGING_TYPE],
            "authorization_response_iss_parameter_supported": True,
        },
        headers=_FIVE_MINUTES,
    )
