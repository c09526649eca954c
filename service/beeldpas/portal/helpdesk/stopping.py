"""Stopping a share for good: why, on what ground, and a note; only just after signing in."""

from starlette.datastructures import FormData
from starlette.responses import Response

from beeldpas.domain.errors import Malformed, Refused
from beeldpas.domain.stopping import CALL_BACK, CALL_CODE, INCIDENT, NUMBERS_FROM, REASONS, Ground, parse_note
from beeldpas.portal.actions.revoke_share import revoke_share
from beeldpas.portal.helpdesk import spoken, stepping_up
from beeldpas.portal.helpdesk.desk import named
from beeldpas.portal.helpdesk.door import StaffVisit, for_staff
from beeldpas.portal.pages.states import StateText
from beeldpas.portal.pages.visit import text

GROUNDS = (CALL_CODE, CALL_BACK, INCIDENT)


@for_staff
async def ask_stop(visit: StaffVisit) -> Response:
    """Ask why and on what ground."""
    return stepping_up.page(visit, _here(visit)) if stepping_up.is_needed(visit) else _page(visit, {}, {})


@for_staff
async def stop(visit: StaffVisit) -> Response:
    """Stop the share for good."""
    form, errors = await visit.form(), dict[str, StateText]()
    why = text(form, "why")
    if why not in REASONS:
        errors["why"] = visit.state("revoke_reason_missing")
    ground, note = _ground(visit, form, errors), note_of(visit, form, errors)
    if errors:
        return _page(visit, _typed(form, errors), errors)
    try:
        stopped = await revoke_share(
            visit.house, visit.asker, reference=named(visit), why=why, ground=ground, note=note
        )
    except Refused as error:
        return _refused(visit, form, error)
    when = {"date": visit.say.date(stopped.at), "time": visit.say.time(stopped.at)}
    state = visit.state("share_stop_twice", **when) if stopped.already else None
    return visit.page(
        "helpdesk/done.html",
        state.title if state else visit.say.t("desk.stopped_title", reference=stopped.reference),
        who=visit.who,
        text=f"{state.why} {state.next}" if state else visit.say.t("desk.stopped_text", time=when["time"]),
        sayings=spoken.at_this_time(visit, "desk.say_text"),
        reference=stopped.reference,
    )


def note_of(visit: StaffVisit, form: FormData, errors: dict[str, StateText]) -> str:
    """Return the note, or say what is wrong with it; a note that names somebody is not shown again."""
    try:
        return parse_note(text(form, "note"))
    except Malformed as error:
        errors["note"] = visit.state(error.reason, **error.detail)
        return ""


def _ground(visit: StaffVisit, form: FormData, errors: dict[str, StateText]) -> Ground:
    try:
        ground = Ground.parse(
            text(form, "ground"),
            called_back=bool(text(form, "called_back")),
            number_from=text(form, "number_from"),
            incident=text(form, "incident"),
        )
    except Malformed as error:
        errors["incident"] = visit.state(error.reason)
        return Ground()
    if not ground.kind:
        errors["ground"] = visit.state("revoke_ground_missing")
    return ground


def _refused(visit: StaffVisit, form: FormData, error: Refused) -> Response:
    if error.reason == "step_up_needed":
        return stepping_up.page(visit, _here(visit))
    if error.reason == "revoke_ground_missing":
        return _page(visit, _typed(form, {}), {"ground": visit.state("call_code_needed")})
    raise error


def _typed(form: FormData, errors: dict[str, StateText]) -> dict[str, str]:
    names = ("why", "ground", "called_back", "number_from", "incident", "note")
    return {name: "" if name == "note" and name in errors else text(form, name) for name in names}


def _here(visit: StaffVisit) -> str:
    return f"/helpdesk/shares/{named(visit)}/stop"


def _page(visit: StaffVisit, typed: dict[str, str], errors: dict[str, StateText]) -> Response:
    reference = named(visit)
    return visit.page(
        "helpdesk/stop.html",
        visit.say.t("desk.stop_title", reference=reference),
        who=visit.who,
        status=400 if errors else 200,
        errors=errors,
        reference=reference,
        reasons=REASONS,
        grounds=GROUNDS,
        numbers=NUMBERS_FROM[:-1],
        typed=typed,
    )
