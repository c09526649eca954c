"""A patient on the line: the shares of whoever read out a call code, until the agent hangs up."""

from starlette.responses import Response

from beeldpas.domain.errors import Refused
from beeldpas.portal.actions.take_call import CallersShare, hang_up, take_call
from beeldpas.portal.helpdesk import spoken
from beeldpas.portal.helpdesk.door import StaffVisit, for_staff
from beeldpas.portal.pages.share_words import ShareWords, share_words
from beeldpas.portal.pages.states import state_key


@for_staff
async def call(visit: StaffVisit) -> Response:
    """List references, states and times of the caller's shares."""
    try:
        shares = await take_call(visit.house, visit.asker)
    except Refused as error:
        reason = "call_nobody" if error.reason == "call_code_unknown" else state_key(visit.say.t, error)
        state = visit.state(reason)
        return visit.page("helpdesk/done.html", state.title, who=visit.who, status=409, text=_text(state), sayings=())
    return visit.page(
        "helpdesk/call.html",
        visit.say.t("call.title"),
        who=visit.who,
        shares=[(one, _words(visit, one)) for one in shares],
        sayings=spoken.both(visit, "call.say"),
    )


@for_staff
async def end(visit: StaffVisit) -> Response:
    """Hang up: the next caller is somebody else."""
    await hang_up(visit.house, visit.asker)
    return visit.go("/helpdesk")


def _words(visit: StaffVisit, one: CallersShare) -> ShareWords:
    return share_words(
        visit.say, state=one.state, now=visit.now, expires_at=one.expires_at, revoked_at=one.revoked_at
    )


def _text(state: object) -> str:
    return f"{getattr(state, 'why', '')} {getattr(state, 'next', '')}"
