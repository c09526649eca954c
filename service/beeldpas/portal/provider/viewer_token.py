"""A token for the image viewer in the browser of whoever holds the grant: a care provider, or the patient.

*Source:* docs/wire.md §4 (viewer token).
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from beeldpas.domain.errors import Malformed, Refused
from beeldpas.portal.access_token import IssuedToken
from beeldpas.portal.actions.view_images import view_images
from beeldpas.portal.patient.door import PatientVisit, is_signed_in
from beeldpas.portal.patient.viewing import own_token
from beeldpas.portal.provider.door import GRANTS, ProviderVisit


async def viewer_token(request: Request) -> Response:
    """Give a token for five minutes. Raises: Refused("login_required"), NotFound, Refused."""
    body = await _json(request)
    handle = body.get("grant")
    if not isinstance(handle, str):
        raise Malformed("bad_request")
    issued = await _issued(request, handle)
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


async def _json(request: Request) -> dict[str, object]:
    try:
        body = await request.json()
    except (ValueError, RecursionError) as error:
        raise Malformed("bad_request") from error
    if not isinstance(body, dict):
        raise Malformed("bad_request")
    return body
