"""Stopping many at once, for an incident: one person proposes, a second one with the role of a lead confirms."""

from starlette.datastructures import FormData
from starlette.responses import Response

from beeldpas.domain.errors import Malformed, Refused
from beeldpas.domain.stopping import BULK_REASONS, parse_incident
from beeldpas.portal.actions.bulk_targets import ORGANISATION, PROVIDER, parse_target
from beeldpas.portal.actions.confirm_bulk_revoke import confirm_bulk_revoke
from beeldpas.portal.actions.propose_bulk_revoke import propose_bulk_revoke
from beeldpas.portal.actions.view_bulk_revoke import ProposalView, view_bulk_revoke
from beeldpas.portal.helpdesk import stepping_up
from beeldpas.portal.helpdesk.door import StaffVisit, for_staff
from beeldpas.portal.helpdesk.stopping import note_of
from beeldpas.portal.pages.share_words import reason_words
from beeldpas.portal.pages.states import StateText, state_key
from beeldpas.portal.pages.visit import text
from beeldpas.portal.store.bulk_revocations import TargetKind

_HERE = "/helpdesk/many"


@for_staff
async def ask(visit: StaffVisit) -> Response:
    """Ask of whom, and for which incident; or for the number of a proposal."""
    return stepping_up.page(visit, _HERE) if stepping_up.is_needed(visit) else _page(visit, {}, {})


@for_staff
async def propose(visit: StaffVisit) -> Response:
    """Keep the proposal and show its number."""
    form, errors = await visit.form(), dict[str, StateText]()
    target, incident = _target(visit, form, errors), _incident(visit, form, errors)
    why, note = text(form, "why"), note_of(visit, form, errors)
    if why not in BULK_REASONS:
        errors["why"] = visit.state("revoke_reason_missing")
    if target is None or errors:
        return _page(visit, {name: text(form, name) for name in ("kind", "target", "incident", "why")}, errors)
    kind, whose = target
    try:
        made = await propose_bulk_revoke(
            visit.house, visit.asker, target_kind=kind, target=whose, incident=incident, why=why, note=note
        )
    except Refused as error:
        if error.reason == "step_up_needed":
            return stepping_up.page(visit, _HERE)
        raise
    return visit.go(f"/helpdesk/many/{made.number}")


@for_staff
async def find(visit: StaffVisit) -> Response:
    """Go to the proposal with this number."""
    number = "".join(sign for sign in text(await visit.form(), "number") if sign.isascii() and sign.isalnum())
    if not number:
        return _page(visit, {}, {"number": visit.state("bulk_unknown")})
    return visit.go(f"/helpdesk/many/{number.upper()[:12]}")


@for_staff
async def one(visit: StaffVisit) -> Response:
    """Show a proposal: who, for which incident, how much."""
    try:
        view = await view_bulk_revoke(visit.house, visit.asker, visit.request.path_params["number"])
    except Refused as error:
        return _page(visit, {}, {"number": visit.state(state_key(visit.say.t, error))})
    return _proposal_page(visit, view, {})


@for_staff
async def confirm(visit: StaffVisit) -> Response:
    """Stop it all, as the second person."""
    number = visit.request.path_params["number"]
    try:
        counts = await confirm_bulk_revoke(visit.house, visit.asker, number)
    except Refused as error:
        if error.reason == "step_up_needed":
            return stepping_up.page(visit, f"/helpdesk/many/{number}")
        raise
    said = visit.say.t("many.done_text", shares=counts.shares, grants=counts.grants)
    return visit.page("helpdesk/done.html", visit.say.t("many.done"), who=visit.who, text=said, sayings=())


def _target(visit: StaffVisit, form: FormData, errors: dict[str, StateText]) -> tuple[TargetKind, str] | None:
    try:
        return parse_target(text(form, "kind"), text(form, "target"))
    except Malformed as error:
        errors["target"] = visit.state(error.reason)
        return None


def _incident(visit: StaffVisit, form: FormData, errors: dict[str, StateText]) -> str:
    try:
        return parse_incident(text(form, "incident"))
    except Malformed as error:
        errors["incident"] = visit.state(error.reason)
        return ""


def _proposal_page(visit: StaffVisit, view: ProposalView, errors: dict[str, StateText]) -> Response:
    proposal = view.proposal
    return visit.page(
        "helpdesk/proposal.html",
        visit.say.t("many.number_title", number=proposal.number),
        who=visit.who,
        errors=errors,
        view=view,
        proposal=proposal,
        why=reason_words(visit.say, proposal.why),
        may_confirm=visit.may_confirm and not view.is_own,
        waiting=visit.state("four_eyes_needed", n=proposal.number),
    )


def _page(visit: StaffVisit, typed: dict[str, str], errors: dict[str, StateText]) -> Response:
    return visit.page(
        "helpdesk/many.html",
        visit.say.t("many.title"),
        who=visit.who,
        status=400 if errors else 200,
        errors=errors,
        kinds=(ORGANISATION, PROVIDER),
        reasons=BULK_REASONS,
        typed=typed,
    )
