"""Signing in as a care provider, choosing for which organisation, and out again."""

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import Response

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import BeeldpasError, Malformed, Refused
from beeldpas.portal.actions.sign_in import sign_in
from beeldpas.portal.actions.sign_out import sign_out
from beeldpas.portal.identity.relying_party import Evidence
from beeldpas.portal.identity.zorg import CareProvider, care_provider
from beeldpas.portal.pages.signing_in import reason_of, send_off, sign_out_there, signed_out_page, welcome_back
from beeldpas.portal.pages.states import state_page
from beeldpas.portal.pages.visit import text
from beeldpas.portal.provider.door import SIGNED_IN, WORKPLACES, ProviderVisit
from beeldpas.portal.provider.kept import KEPT
from beeldpas.portal.store import replays

_SIGNED_OUT = "/provider/signed-out"


async def to_care_login(request: Request) -> Response:
    """Send the care provider to the care login."""
    visit = await ProviderVisit.of(request, "provider")
    try:
        return await send_off(visit)
    except BeeldpasError as error:
        return state_page(request, reason_of(error, "provider"), {}, 503)


async def from_care_login(request: Request) -> Response:
    """Take the care provider in, or say why not; with several workplaces, one has to be chosen first."""
    visit = await ProviderVisit.of(request, "provider")
    try:
        person = await _recognised(visit, await welcome_back(visit))
    except BeeldpasError as error:
        reason = reason_of(error, "provider")
        await sign_in(visit.house, door="provider", asker=None, refused=reason)
        return state_page(request, reason, {}, 503 if reason == "work_login_outage" else 403)
    values = {
        WORKPLACES: [asdict(place) for place in person.workplaces],
        "uzi_id": person.uzi_id,
        "name": person.name,
        KEPT: visit.values.get(KEPT, {}),
    }
    visit.session = await visit.sessions.begin(values, visit.now, instead_of=visit.session)
    response = visit.go("/provider/workplace")
    if len(person.workplaces) == 1:
        await _work_for(visit, person.workplaces[0].ura)
        response = visit.go("/s")
    visit.sessions.set_cookie(response, visit.session)
    return response


async def workplace(request: Request) -> Response:
    """Ask for which organisation somebody works now."""
    visit = await ProviderVisit.of(request, "provider")
    places = visit.values.get(WORKPLACES)
    if not places:
        return visit.go("/s")
    return visit.page(
        "provider/workplace.html", visit.say.t("workplace.title"), who=visit.values["name"], workplaces=places
    )


async def choose_workplace(request: Request) -> Response:
    """Take the organisation."""
    visit = await ProviderVisit.of(request, "provider")
    if not visit.values.get(WORKPLACES):
        return visit.session_over()
    await _work_for(visit, text(await visit.form(), "ura"))
    return visit.go("/s")


async def leave(request: Request) -> Response:
    """Sign out; nothing is open any more."""
    visit = await ProviderVisit.of(request, "provider")
    was_there = visit.signed_in is not None or bool(visit.values.get(WORKPLACES))
    if visit.session is not None:
        asker = visit.asker
        await visit.sessions.end(visit.session)
        await sign_out(visit.house, asker)
    response = visit.go(_SIGNED_OUT) if not was_there else await sign_out_there(visit, _SIGNED_OUT)
    visit.sessions.clear_cookie(response)
    return response


async def signed_out(request: Request) -> Response:
    """Say so."""
    return signed_out_page(request)


async def _recognised(visit: ProviderVisit, evidence: Evidence) -> CareProvider:
    """Return who this is. A declaration counts once, unless the settings say otherwise. Raises: Refused."""
    minimum = visit.house.settings.zorg.minimum_level
    person = care_provider(evidence, minimum, visit.request.app.state.declarations, visit.now)
    if (declared := person.declaration) is not None and declared.once:
        async with transaction(visit.house.engine) as connection:
            first = await replays.is_first(connection, declared.issuer, declared.jti, declared.expires_at, visit.now)
        if not first:
            raise Refused("login_replayed")
    return person


async def _work_for(visit: ProviderVisit, ura: str) -> None:
    place = next((place for place in visit.values[WORKPLACES] if place["ura"] == ura), None)
    if place is None:
        raise Malformed("bad_request")
    person = {"uzi_id": visit.values["uzi_id"], "name": visit.values["name"]}
    work = {"organisation": place["name"], "ura": place["ura"], "roles": place["roles"]}
    if visit.session is None:
        raise Malformed("session_ended")
    visit.session.values[SIGNED_IN] = {**person, **work}
    await sign_in(visit.house, door="provider", asker=visit.asker, refused=None)
    await visit.keep()  # only now: nobody is in without a row in the log
