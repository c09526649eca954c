"""What a patient can change about a share: stop, extend, lift a pause, replace its code, answer an organisation."""

from starlette.responses import Response

from beeldpas.domain.errors import Malformed, Refused
from beeldpas.domain.share import parse_days
from beeldpas.portal.actions.allow_organisation import allow_organisation
from beeldpas.portal.actions.extend_share import extend_share
from beeldpas.portal.actions.refuse_organisation import refuse_organisation
from beeldpas.portal.actions.replace_code import replace_code
from beeldpas.portal.actions.resume_share import resume_share
from beeldpas.portal.actions.revoke_share import revoke_share
from beeldpas.portal.pages.states import state_key
from beeldpas.portal.pages.visit import text
from beeldpas.portal.patient import shown
from beeldpas.portal.patient.door import PatientVisit, for_patients
from beeldpas.portal.patient.shares import ALLOWED, REFUSED, RESUMED, share_page, the_share

_OWN_WISH = "asked"


@for_patients
async def ask_stop(visit: PatientVisit) -> Response:
    """Say what stopping does, before it is done."""
    share = await the_share(visit)
    return visit.page("patient/stop.html", visit.say.t("stop.title"), who="", here="shares", share=share)


@for_patients
async def stop(visit: PatientVisit) -> Response:
    """Stop the share for good."""
    share_id = visit.request.path_params["share_id"]
    stopped = await revoke_share(visit.house, visit.asker, share_id=share_id, why=_OWN_WISH)
    await shown.hide(visit, share_id)
    when = {"date": visit.say.date(stopped.at), "time": visit.say.time(stopped.at)}
    state = visit.state("share_stop_twice", **when) if stopped.already else visit.state("share_stopped_ok")
    return visit.page(
        "patient/stopped.html", state.title, who="", here="shares", state=state, reference=stopped.reference
    )


@for_patients
async def resume(visit: PatientVisit) -> Response:
    """Lift the pause of the share."""
    share_id = visit.request.path_params["share_id"]
    await resume_share(visit.house, visit.asker, share_id=share_id)
    return visit.go(f"/shares/{share_id}?{RESUMED}")


@for_patients
async def ask_new_code(visit: PatientVisit) -> Response:
    """Say what a new code does to the old letter."""
    share = await the_share(visit)
    return visit.page(
        "patient/new_code.html", visit.say.t("new_code.title"), who="", here="shares", share=share, hidden=None
    )


@for_patients
async def new_code(visit: PatientVisit) -> Response:
    """Make a new code and PIN, and show them."""
    made = await replace_code(visit.house, visit.asker, visit.request.path_params["share_id"])
    await shown.keep(visit, made, replaced=True)
    return visit.go(f"/shares/{made.share_id}/code")


@for_patients
async def extend(visit: PatientVisit) -> Response:
    """Let the share last longer."""
    share_id = visit.request.path_params["share_id"]
    try:
        await extend_share(visit.house, visit.asker, share_id, parse_days(text(await visit.form(), "days")))
    except (Malformed, Refused) as error:
        if error.reason not in ("extend_too_long", "share_date_out_of_range"):
            raise
        detail = {"date": "", "date2": "", **error.detail}
        said = visit.state(state_key(visit.say.t, error), **detail)
        return share_page(visit, await the_share(visit), {"days": said})
    return visit.go(f"/shares/{share_id}")


@for_patients
async def allow(visit: PatientVisit) -> Response:
    """Let a second organisation use the share."""
    where = visit.request.path_params
    await allow_organisation(visit.house, visit.asker, where["share_id"], where["request_id"])
    return visit.go(f"/shares/{where['share_id']}?{ALLOWED}")


@for_patients
async def refuse(visit: PatientVisit) -> Response:
    """Keep a second organisation out."""
    where = visit.request.path_params
    await refuse_organisation(visit.house, visit.asker, where["share_id"], where["request_id"])
    return visit.go(f"/shares/{where['share_id']}?{REFUSED}")
