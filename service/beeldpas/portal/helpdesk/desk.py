"""The agent's first pages: one field for a reference or a call code, and where one share stands.

No name of a patient, no study, no hospital, no code.
"""

from starlette.requests import Request
from starlette.responses import Response

from beeldpas.domain import crockford
from beeldpas.domain.codes import CallCode, Reference
from beeldpas.domain.errors import Malformed, NotFound, Refused
from beeldpas.domain.share import ShareState
from beeldpas.portal.actions.find_share import HelpdeskUse, HelpdeskView, Revocation, find_share
from beeldpas.portal.actions.take_call import take_call
from beeldpas.portal.helpdesk import spoken
from beeldpas.portal.helpdesk.door import StaffVisit, for_staff
from beeldpas.portal.pages.share_words import ShareWords, reason_words, share_words
from beeldpas.portal.pages.states import StateText, state_key
from beeldpas.portal.pages.visit import text
from beeldpas.portal.words.voice import Voice

_CALL_CODE_CHARACTERS = 8
_OVER = frozenset({ShareState.REVOKED, ShareState.EXPIRED})


async def start(request: Request) -> Response:
    """Show the one field, or the button to sign in."""
    return _start_page(await StaffVisit.of(request, "helpdesk"), "", {})


@for_staff
async def find(visit: StaffVisit) -> Response:
    """Take a reference or a call code, however it was said, and go to the share, or to the caller's shares."""
    typed = text(await visit.form(), "reference")
    try:
        if len(crockford.normalise(typed)) == _CALL_CODE_CHARACTERS:
            await take_call(visit.house, visit.asker, CallCode.parse(typed))
            return visit.go("/helpdesk/call")
        return visit.go(f"/helpdesk/shares/{Reference.parse(typed)}")
    except (Malformed, Refused) as error:
        return _start_page(visit, typed, {"reference": visit.state(state_key(visit.say.t, error))})


@for_staff
async def share(visit: StaffVisit) -> Response:
    """Show where a share stands. Every look is in the patient's log, so there is one look for one page."""
    reference = named(visit)
    try:
        view = await find_share(visit.house, visit.asker, reference)
    except Refused as error:
        return _start_page(visit, str(reference), {"reference": visit.state(state_key(visit.say.t, error))})
    return visit.page(
        "helpdesk/share.html",
        visit.say.t("desk.share_title", reference=view.reference),
        who=visit.who,
        share=view,
        words=_words(visit, view),
        is_over=view.state in _OVER,
        use_words=lambda use: _use_words(visit.say, use),
        stop_words=lambda stop: reason_words(visit.say, stop.why),
        paused_why=reason_words(visit.say, view.suspended_why),
        sayings=spoken.of_state(visit, view),
    )


def named(visit: StaffVisit) -> Reference:
    """Return the reference of the address. Raises: NotFound."""
    try:
        return Reference.parse(visit.request.path_params["reference"])
    except Malformed as error:
        raise NotFound() from error


def _start_page(visit: StaffVisit, typed: str, errors: dict[str, StateText]) -> Response:
    return visit.page(
        "helpdesk/start.html",
        visit.say.t("desk.title"),
        who=visit.who,
        status=400 if errors else 200,
        errors=errors,
        form={"reference": typed},
        may_help=visit.may_help,
        is_security=visit.is_security,
    )


def _words(visit: StaffVisit, view: HelpdeskView) -> ShareWords:
    stopped: list[Revocation] = [*view.revocations]
    return share_words(
        visit.say,
        state=view.state,
        now=visit.now,
        expires_at=view.expires_at,
        revoked_at=stopped[0].at if stopped else None,
    )


def _use_words(say: Voice, use: HelpdeskUse) -> str:
    keys = (f"desk_use.{use.what}.{use.outcome}", f"desk_use.{use.what}", "desk_use.other")
    return say.t(next(key for key in keys if say.t.knows(key)))
