"""Before something that cannot be undone: who signed in more than five minutes ago shows anew who they are."""

from starlette.requests import Request
from starlette.responses import Response

from beeldpas.domain.errors import BeeldpasError
from beeldpas.portal.helpdesk.door import StaffVisit
from beeldpas.portal.pages.signing_in import own_path, reason_of, send_off
from beeldpas.portal.pages.states import state_page

FRESH_SECONDS = 300  # the policy decides; this only spares an agent a form that would be refused
_ANEW_SECONDS = 60


def is_needed(visit: StaffVisit) -> bool:
    """Say whether this agent would be refused for having signed in too long ago."""
    return visit.asker.authenticated_seconds(visit.now) > FRESH_SECONDS


def page(visit: StaffVisit, back: str) -> Response:
    """Show the one button; it leads back to the same page."""
    state = visit.state("step_up_needed")
    return visit.page("helpdesk/step_up.html", state.title, who=visit.who, status=403, state=state, back=back)


async def go(request: Request) -> Response:
    """Send the agent to the staff login, to sign in anew."""
    visit = await StaffVisit.of(request, "helpdesk")
    back = own_path(visit.request.query_params.get("back", ""))
    if not back.startswith("/helpdesk"):
        back = ""
    try:
        return await send_off(visit, max_age=_ANEW_SECONDS, back_to=back)
    except BeeldpasError as error:
        return state_page(request, reason_of(error, "helpdesk"), {}, 503)
