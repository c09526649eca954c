"""Pausing a share, lifting the pause, and unlocking: what the agent does while the caller waits."""

from starlette.responses import Response

from beeldpas.domain.errors import Malformed
from beeldpas.domain.stopping import REASONS, parse_note
from beeldpas.portal.actions.resume_share import resume_share
from beeldpas.portal.actions.suspend_share import suspend_share
from beeldpas.portal.actions.unlock_share import unlock_share
from beeldpas.portal.helpdesk import spoken
from beeldpas.portal.helpdesk.desk import named
from beeldpas.portal.helpdesk.door import StaffVisit, for_staff
from beeldpas.portal.pages.states import StateText
from beeldpas.portal.pages.visit import text


@for_staff
async def ask_pause(visit: StaffVisit) -> Response:
    """Ask for the reason."""
    return _pause_page(visit, "", {})


@for_staff
async def pause(visit: StaffVisit) -> Response:
    """Pause the share."""
    form = await visit.form()
    why, typed = text(form, "why"), text(form, "note")
    errors = {} if why in REASONS else {"why": visit.state("revoke_reason_missing")}
    try:
        note = parse_note(typed)
    except Malformed as error:
        errors["note"] = visit.state(error.reason, **error.detail)
    if errors:
        return _pause_page(visit, "" if "note" in errors else typed, errors)
    paused = await suspend_share(visit.house, visit.asker, named(visit), why=why, note=note)
    key = "paused_already" if paused.already else "suspend_ok"
    return done(visit, visit.state(key, ref=paused.reference), "desk.say_paused_now")


@for_staff
async def resume(visit: StaffVisit) -> Response:
    """Lift the pause, for the patient on the line."""
    resumed = await resume_share(visit.house, visit.asker, reference=named(visit))
    key = "not_paused" if resumed.already else "resume_ok"
    return done(visit, visit.state(key, ref=resumed.reference), "desk.say_resumed")


@for_staff
async def unlock(visit: StaffVisit) -> Response:
    """Give three more attempts, for the patient on the line."""
    unlocked = await unlock_share(visit.house, visit.asker, named(visit))
    state = visit.state("unlock_ok", ref=unlocked.reference, n=unlocked.attempts)
    return done(visit, state, "desk.say_unlocked")


def done(visit: StaffVisit, state: StateText, say_key: str) -> Response:
    """Say what was done, and what to say to the caller."""
    sayings = spoken.at_this_time(visit, say_key)
    return visit.page(
        "helpdesk/done.html",
        state.title,
        who=visit.who,
        text=f"{state.why} {state.next}",
        sayings=sayings,
        reference=visit.request.path_params.get("reference", ""),
    )


def _pause_page(visit: StaffVisit, note: str, errors: dict[str, StateText]) -> Response:
    reference = named(visit)
    return visit.page(
        "helpdesk/pause.html",
        visit.say.t("desk.pause_title", reference=reference),
        who=visit.who,
        status=400 if errors else 200,
        errors=errors,
        reference=reference,
        reasons=REASONS,
        note=note,
    )
