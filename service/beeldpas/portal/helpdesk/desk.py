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
    """Find a share by its reference."""
    typed = text(await visit.form(), "reference")
    try:
        view = await find_share(visit.house, visit.asker, Reference.parse(typed))
    except (Malformed, Refused) as error:
        said = visit.state(state_key(visit.say.t, error), **error.detail)
        return _start_page(visit, typed, {"reference": said})
    return visit.go(f"/helpdesk/shares/{view.reference}")


@for_staff
async def share(visit: StaffVisit) -> Response:
    """Show where a share stands."""
    view = await _named(visit)
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
    return _stop_page(visit, await _named(visit), {})


@for_staff
async def stop(visit: StaffVisit) -> Response:
    """Stop the share for good."""
    why = text(await visit.form(), "why")
    if why not in REASONS:
        return _stop_page(visit, await _named(visit), {"why": visit.state("revoke_reason_missing")})
    reference = visit.request.path_params["reference"]
    stopped = await revoke_share(visit.house, visit.asker, reference=reference, why=why)
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


def _stop_page(visit: StaffVisit, view: HelpdeskView, errors: dict[str, StateText]) -> Response:
    return visit.page(
        "helpdesk/stop.html",
        visit.say.t("desk.stop_title", reference=view.reference),
        who=visit.who,
        status=400 if errors else 200,
        errors=errors,
        share=view,
        reasons=REASONS,
    )


async def _named(visit: StaffVisit) -> HelpdeskView:
    """Return the share of the address. Raises: NotFound."""
    try:
        return await find_share(visit.house, visit.asker, Reference.parse(visit.request.path_params["reference"]))
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
