"""The patient phones the helpdesk: its number, when it answers, and a large code to read out."""

from datetime import datetime

from starlette.responses import Response

from beeldpas.domain.codes import CallCode
from beeldpas.portal.actions.make_call_code import make_call_code
from beeldpas.portal.patient.door import PatientVisit, for_patients

_KEY = "call_code"


@for_patients
async def call(visit: PatientVisit) -> Response:
    """Show the number to phone, and the code while it can be read out."""
    shown = _shown(visit)
    return visit.page(
        "patient/call.html",
        visit.say.t("call_us.title"),
        who="",
        here="",
        code=shown[0].grouped() if shown else None,
        until=shown[1] if shown else None,
    )


@for_patients
async def new_code(visit: PatientVisit) -> Response:
    """Make a call code; it is kept in the sealed session for as long as it can be used."""
    made = await make_call_code(visit.house, visit.asker)
    await visit.keep(**{_KEY: [made.code.reveal(), made.until.isoformat()]})
    return visit.go("/call")


def _shown(visit: PatientVisit) -> tuple[CallCode, datetime] | None:
    kept = visit.values.get(_KEY)
    if kept is None or datetime.fromisoformat(kept[1]) <= visit.now:
        return None
    return CallCode(kept[0]), datetime.fromisoformat(kept[1])
