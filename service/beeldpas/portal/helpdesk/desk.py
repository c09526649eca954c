"""The agent's pages: one field, one share, one way to stop it. No name of a patient, no study, no hospital."""

from starlette.requests import Request
from starlette.responses import Response

from beeldpas.domain.codes import Reference
from beeldpas.domain.errors import Malformed, NotFound, Refused
from beeldpas.portal.actions.find_share import HelpdeskUse, HelpdeskView, Revocation, find_share
from beeldpas.portal.actions.revoke_share import revoke_share
from beeldpas.portal.helpdesk.door import StaffVisit, for_staff
from beeldpas.portal.pages.share_words import ShareWords, share_words
from beeldpas.portal.pages.states import StateText, state_key
from beeldpas.portal.pages.visit import text
from beeldpas.portal.words.voice import Voice

REASONS = ("asked", "lost", "other_had_code", "checking", "hospital_asked")


async def start(request: Request) -> Response:
    """Show the one field, or the button to sign in."""
    return _start_page(await StaffVisit.of(request, "helpdesk"), "", {})


@for_staff
async def find(visit: StaffVisit) -> Response:
    """Take a reference, however it was said, and go to its share."""
    typed = text(await visit.form(), "reference")
    try:
        reference = Reference.parse(typed)
    except Malformed as error:
        return _start_page(visit, typed, {"reference": visit.state(error.reason)})
    return visit.go(f"/helpdesk/shares/{reference}")


@for_staff
async def share(visit: StaffVisit) -> Response:
    """Show where a share stands. Every look is in the patient's log, so there is one look for one page."""
    reference = _named(visit)
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
        use_words=lambda use: _use_words(visit.say, use),
        stop_words=lambda stop: _stop_words(visit.say, stop),
    )


@for_staff
async def ask_stop(visit: StaffVisit) -> Response:
    """Ask for the reason."""
    return _stop_page(visit, {})


@for_staff
async def stop(visit: StaffVisit) -> Response:
    """Stop the share for good."""
    why = text(await visit.form(), "why")
    if why not in REASONS:
        return _stop_page(visit, {"why": visit.state("revoke_reason_missing")})
    stopped = await revoke_share(visit.house, visit.asker, reference=str(_named(visit)), why=why)
    when = {"date": visit.say.date(stopped.at), "time": visit.say.time(stopped.at)}
    state = visit.state("share_stop_twice", **when) if stopped.already else None
    return visit.page(
        "helpdesk/stopped.html",
        state.title if state else visit.say.t("desk.stopped_title", reference=stopped.reference),
        who=visit.who,
        at=stopped.at,
        state=state,
    )


def _start_page(visit: StaffVisit, typed: str, errors: dict[str, StateText]) -> Response:
    return visit.page(
        "helpdesk/start.html",
        visit.say.t("desk.title"),
        who=visit.who,
        status=400 if errors else 200,
        errors=errors,
        form={"reference": typed},
    )


def _stop_page(visit: StaffVisit, errors: dict[str, StateText]) -> Response:
    reference = _named(visit)
    return visit.page(
        "helpdesk/stop.html",
        visit.say.t("desk.stop_title", reference=reference),
        who=visit.who,
        status=400 if errors else 200,
        errors=errors,
        reference=reference,
        reasons=REASONS,
    )


def _named(visit: StaffVisit) -> Reference:
    """Return the reference of the address. Raises: NotFound."""
    try:
        return Reference.parse(visit.request.path_params["reference"])
    except Malformed as error:
        raise NotFound() from error


def _words(visit: StaffVisit, view: HelpdeskView) -> ShareWords:
    stopped = view.revocations[0].at if view.revocations else None
    return share_words(visit.say, state=view.state, now=visit.now, expires_at=view.expires_at, revoked_at=stopped)


def _use_words(say: Voice, use: HelpdeskUse) -> str:
    keys = (f"desk_use.{use.what}.{use.outcome}", f"desk_use.{use.what}", "desk_use.other")
    return say.t(next(key for key in keys if say.t.knows(key)))


def _stop_words(say: Voice, stop: Revocation) -> str:
    key = f"stop_reason.{stop.why}"
    return say.t(key) if say.t.knows(key) else stop.why
