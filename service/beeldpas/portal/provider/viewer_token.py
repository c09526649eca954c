"""A token for the image viewer in the browser of whoever holds the grant: a care provider, or the patient.

*Source:* docs/wire.md §4 (viewer token).
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from beeldpas.domain.errors import Malformed, Refused
from beeldpas.portal.access_token import IssuedToken
from beeldpas.portal.actions.view_images import view_images
from beeldpas.portal.patient.door import PatientVisit, is_signed_in
from beeldpas.portal.patient.viewing import own_token, pictures_token
from beeldpas.portal.provider.door import GRANTS, ProviderVisit


async def viewer_token(request: Request) -> Response:
    """Give a token for five minutes, for a grant or for the small pictures of own studies at one hospital.

    Raises: Malformed("bad_request"); Refused("login_required"), NotFound, Refused.
    """
    body = await _json(request)
    match body:
        case {"grant": str(handle)}:
            issued = await _issued(request, handle)
        case {"hospital": str(gateway_id), "studies": [*studies]} if all(isinstance(uid, str) for uid in studies):
            issued = await _for_pictures(request, gateway_id, frozenset(map(str, studies)))
        case _:
            raise Malformed("bad_request")
    return JSONResponse({"access_token": issued.access_token.reveal(), "expires_in": issued.expires_in})


async def _issued(request: Request, handle: str) -> IssuedToken:
    """Look for who holds the grant. A viewer asks by itself, as long as it is open: nobody stays signed in by it."""
    provider = await ProviderVisit.glance(request, "provider")
    if handle in provider.values.get(GRANTS, ()):
        return await view_images(provider.house, provider.asker, handle)
    patient = await PatientVisit.glance(request, "patient")
    if is_signed_in(patient):
        return await own_token(patient, handle)
    raise Refused("login_required")


async def _for_pictures(request: Request, gateway_id: str, studies: frozenset[str]) -> IssuedToken:
    """Only patients have lists with small pictures; to fetch these keeps nobody signed in either."""
    patient = await PatientVisit.glance(request, "patient")
    if not is_signed_in(patient):
        raise Refused("login_required")
    return await pictures_token(patient, gateway_id, studies)


async def _json(request: Request) -> dict[str, object]:
    try:
        body = await request.json()
    except (ValueError, RecursionError) as error:
        raise Malformed("bad_request") from error
    if not isinstance(body, dict):
        raise Malformed("bad_request")
    return body
