"""Everything of a patient is paused, whose letter and telephone are gone. The page says the same to every number.

The number comes in the form's body, goes to the one action that needs it, and is never shown again. The birth date
is asked because the hospital or the GP asks for it when the agent checks the number to call back: it is read here to
see that it is a date, and kept nowhere. The portal knows nobody's birth date, so it cannot compare it.
"""

from datetime import date

from starlette.datastructures import FormData
from starlette.responses import Response

from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Malformed, Refused
from beeldpas.domain.share import HERE
from beeldpas.domain.stopping import NUMBERS_FROM
from beeldpas.portal.actions.suspend_all import suspend_all
from beeldpas.portal.helpdesk import stepping_up
from beeldpas.portal.helpdesk.door import StaffVisit, for_staff
from beeldpas.portal.helpdesk.holding import done
from beeldpas.portal.helpdesk.stopping import note_of
from beeldpas.portal.pages.states import StateText
from beeldpas.portal.pages.visit import text

_HERE = "/helpdesk/everything"
_OLDEST_YEARS = 125


@for_staff
async def ask(visit: StaffVisit) -> Response:
    """Ask for number, birth date and the call-back."""
    return stepping_up.page(visit, _HERE) if stepping_up.is_needed(visit) else _page(visit, {}, {})


@for_staff
async def pause(visit: StaffVisit) -> Response:
    """Pause everything, and say the same whatever there was."""
    form, errors = await visit.form(), dict[str, StateText]()
    bsn, number_from = _bsn(visit, form, errors), text(form, "number_from")
    _check_birth_date(visit, form, errors)
    if not text(form, "called_back") or number_from not in NUMBERS_FROM:
        errors["called_back"] = visit.state("call_back_missing")
    note = note_of(visit, form, errors)
    if bsn is None or errors:
        typed = {"called_back": text(form, "called_back"), "number_from": number_from}
        return _page(visit, typed, errors)
    try:
        await suspend_all(visit.house, visit.asker, bsn, number_from=number_from, note=note)
    except Refused as error:
        if error.reason == "step_up_needed":
            return stepping_up.page(visit, _HERE)
        raise
    return done(visit, visit.state("suspend_all_done"), "desk.say_all")


def _bsn(visit: StaffVisit, form: FormData, errors: dict[str, StateText]) -> BSN | None:
    try:
        return BSN.parse("".join(text(form, "bsn").split()))
    except Malformed:
        errors["bsn"] = visit.state("bsn_mistyped")
        return None


def _check_birth_date(visit: StaffVisit, form: FormData, errors: dict[str, StateText]) -> None:
    today = visit.now.astimezone(HERE).date()
    try:
        day, month, year = (int(part) for part in text(form, "birth_date").replace("/", "-").split("-"))
        born = date(year, month, day)
    except (ValueError, OverflowError):
        born = date.max
    if not today.year - _OLDEST_YEARS <= born.year or born > today:
        errors["birth_date"] = visit.state("birth_date_format")


def _page(visit: StaffVisit, typed: dict[str, str], errors: dict[str, StateText]) -> Response:
    return visit.page(
        "helpdesk/everything.html",
        visit.say.t("everything.title"),
        who=visit.who,
        status=400 if errors else 200,
        errors=errors,
        numbers=NUMBERS_FROM,
        typed=typed,
    )
