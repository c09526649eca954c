"""Staff sign in, and out again."""

from starlette.requests import Request
from starlette.responses import Response

from beeldpas.domain.errors import BeeldpasError
from beeldpas.portal.actions.sign_in import sign_in
from beeldpas.portal.actions.sign_out import sign_out
from beeldpas.portal.helpdesk.door import StaffVisit, for_staff, values_of
from beeldpas.portal.identity.staff import staff_member
from beeldpas.portal.pages.signing_in import (
    reason_of,
    send_off,
    sign_out_there,
    signed_out_page,
    way_back,
    welcome_back,
)
from beeldpas.portal.pages.states import state_page

_WORKING_DAY_SECONDS = 8 * 3600


async def to_staff_login(request: Request) -> Response:
    """Send the agent to the staff login."""
    visit = await StaffVisit.of(request, "helpdesk")
    try:
        return await send_off(visit, max_age=_WORKING_DAY_SECONDS)
    except BeeldpasError as error:
        return state_page(request, reason_of(error, "helpdesk"), {}, 503)


async def from_staff_login(request: Request) -> Response:
    """Take the agent in, or say why not."""
    visit = await StaffVisit.of(request, "helpdesk")
    try:
        evidence = await welcome_back(visit)
        member = staff_member(evidence)
    except BeeldpasError as error:
        reason = reason_of(error, "helpdesk")
        await sign_in(visit.house, door="staff", asker=None, refused=reason)
        return state_page(request, reason, {}, 503 if reason == "work_login_outage" else 403)
    visit.session = await visit.sessions.begin(values_of(member), visit.now, instead_of=visit.session)
    await sign_in(visit.house, door="staff", asker=visit.asker, refused=None)
    response = visit.go(way_back(visit, "/helpdesk"))
    visit.sessions.set_cookie(response, visit.session)
    return response


@for_staff
async def leave(visit: StaffVisit) -> Response:
    """Sign out."""
    asker = visit.asker
    if visit.session is not None:
        await visit.sessions.end(visit.session)
    await sign_out(visit.house, asker)
    response = await sign_out_there(visit, "/helpdesk/signed-out")
    visit.sessions.clear_cookie(response)
    return response


async def signed_out(request: Request) -> Response:
    """Say so."""
    return signed_out_page(request)
