"""Getting messages by e-mail: the page where a patient asks for them, changes the address, or wants no more."""

from contextlib import suppress

from starlette.responses import Response

from beeldpas.domain.errors import Malformed, NotFound, Refused
from beeldpas.domain.mail import MailAddress
from beeldpas.portal.actions.remove_address import remove_address
from beeldpas.portal.actions.set_address import set_address
from beeldpas.portal.actions.view_notices import view_notices
from beeldpas.portal.pages.states import StateText
from beeldpas.portal.pages.visit import text
from beeldpas.portal.patient.door import PatientVisit, for_patients

_CONFIRMED = "confirmed"


@for_patients
async def notices(visit: PatientVisit) -> Response:
    """Show where the patient is told, and what they were told."""
    return await _page(visit, {}, "")


@for_patients
async def set_notices(visit: PatientVisit) -> Response:
    """Take an address, to which a link is sent."""
    typed = text(await visit.form(), "email")
    try:
        await set_address(visit.house, visit.asker, MailAddress.parse(typed), visit.say.language)
    except (Malformed, Refused) as error:
        if error.reason not in ("address_mistyped", "address_limit"):
            raise
        return await _page(visit, {"email": visit.state(error.reason)}, typed)
    return visit.go("/notices")


@for_patients
async def remove_notices(visit: PatientVisit) -> Response:
    """Forget the address; one that is gone already is as good."""
    with suppress(NotFound):
        await remove_address(visit.house, visit.asker)
    return visit.go("/notices")


async def _page(visit: PatientVisit, errors: dict[str, StateText], typed: str) -> Response:
    return visit.page(
        "patient/notices.html",
        visit.say.t("notices.title"),
        who="",
        here="settings",
        status=400 if errors else 200,
        errors=errors,
        typed=typed,
        notices=await view_notices(visit.house, visit.asker),
        just_confirmed=_CONFIRMED in visit.request.query_params,
    )
