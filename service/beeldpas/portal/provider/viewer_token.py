"""A token for the image viewer in the browser of whoever holds the grant: a care provider, or the patient.

*Source:* docs/wire.md §4 (viewer token).
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from beeldpas.domain.errors import Malformed, Refused
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.view_images import view_images
from beeldpas.portal.patient.door import PatientVisit, is_signed_in
from beeldpas.portal.provider.door import GRANTS, ProviderVisit


async def viewer_token(request: Request) -> Response:
    """Give a token for five minutes. Raises: Refused("login_required"), NotFound, Refused."""
    body = await _json(request)
    handle = body.get("grant")
    if not isinstance(handle, str):
        raise Malformed("bad_request")
    asker = await _asker(request, handle)
    issued = await view_images(request.app.state.house, asker, handle)
    return JSONResponse({"access_token": issued.access_token.reveal(), "expires_in": issued.expires_in})


async def _asker(request: Request, handle: str) -> Asker:
    provider = await ProviderVisit.of(request, "provider")
    if handle in provider.values.get(GRANTS, ()):
        return provider.asker
    patient = await PatientVisit.glance(request, "patient")  # a viewer asks by itself: nobody stays signed in by it
    if is_signed_in(patient):
        return patient.asker
    raise Refused("login_required")


async def _json(request: Request) -> dict[str, object]:
    try:
        body = await request.json()
    except (ValueError, RecursionError) as error:
        raise Malformed("bad_request") from error
    if not isinstance(body, dict):
        raise Malformed("bad_request")
    return body
