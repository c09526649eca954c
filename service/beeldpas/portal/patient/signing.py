"""Signing in with DigiD, and out again."""

from starlette.requests import Request
from starlette.responses import Response

from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import BeeldpasError
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.sign_in import sign_in
from beeldpas.portal.actions.sign_out import sign_out
from beeldpas.portal.identity import digid
from beeldpas.portal.identity.digid import SignedIn
from beeldpas.portal.pages.signing_in import reason_of, send_off, sign_out_there, signed_out_page, welcome_back
from beeldpas.portal.pages.states import state_page
from beeldpas.portal.pages.visit import Visit
from beeldpas.portal.patient import onward
from beeldpas.portal.patient.door import (
    PatientVisit,
    asker_of,
    for_patients,
    is_signed_in,
    say_for_whom,
    values_of,
)
from beeldpas.portal.patient.draft import forget
from beeldpas.portal.patient.returning import waiting_for
from beeldpas.portal.patient.standing_in import StandingIn, today
from beeldpas.portal.pseudonym import birth_fingerprint


async def start(request: Request) -> Response:
    """The front page: what this is, and one button."""
    visit = await Visit.glance(request, "patient")
    say_for_whom(visit)
    return visit.page(
        "patient/start.html",
        visit.say.t("start.title"),
        who="" if is_signed_in(visit) else None,
        entitled_organisation=visit.house.settings.digid.entitled_organisation,
        hospitals=visit.house.directory.hospitals,
    )


async def to_digid(request: Request) -> Response:
    """Send the patient to DigiD."""
    visit = await Visit.of(request, "patient")
    try:
        return await send_off(visit)
    except BeeldpasError as error:
        return state_page(request, reason_of(error, "patient"), {}, 503)


async def from_digid(request: Request) -> Response:
    """Take the patient in, or say why not; either is in the log."""
    visit = await Visit.of(request, "patient")
    try:
        evidence = await welcome_back(visit)
        signed_in = digid.signed_in(evidence, visit.house.settings.digid.minimum_level, today(visit.now))
        bsn, standing_in = await _for_whom(visit, signed_in)
        names = await visit.house.pseudonyms.names(bsn)
        born = await birth_fingerprint(visit.house.pseudonyms, bsn, signed_in.birth_date)
        waiting = await waiting_for(visit.house, names, standing_in.acting if standing_in else "")
    except BeeldpasError as error:
        reason = reason_of(error, "patient")
        await sign_in(visit.house, door="patient", asker=None, refused=reason)
        return state_page(request, reason, {}, 503 if reason == "login_outage" else 403)
    session = await visit.sessions.begin(
        {**values_of(bsn, names, standing_in, born), **waiting},
        visit.now,
        instead_of=visit.session,
        until=standing_in.ends_at() if standing_in else None,
    )
    if visit.session is not None:
        visit.house.gatherings.end(visit.session.handle)
    await sign_in(visit.house, door="patient", asker=asker_of(visit, bsn, names, session), refused=None)
    response = onward.forward(visit, session.values)
    visit.sessions.set_cookie(response, session)
    return response


async def _for_whom(visit: Visit, signed_in: SignedIn) -> tuple[BSN, StandingIn | None]:
    """Return whose images will be seen, and who stands in for them. Raises: Unavailable."""
    if signed_in.represented is None:
        return signed_in.bsn, None
    acting = (await visit.house.pseudonyms.names(signed_in.bsn))[0]
    return signed_in.represented.bsn, StandingIn.begun(signed_in.represented, acting)


@for_patients
async def leave(visit: PatientVisit) -> Response:
    """Sign out: own downloads end, and nothing of the visit is left."""
    asker: Asker = visit.asker
    await forget(visit)
    if visit.session is not None:
        await visit.sessions.end(visit.session)
    visit.house.gatherings.end(asker.session)
    await sign_out(visit.house, asker)
    response = await sign_out_there(visit, "/signed-out")
    visit.sessions.clear_cookie(response)
    return response


async def signed_out(request: Request) -> Response:
    """Say that nothing is open any more."""
    return signed_out_page(request)
