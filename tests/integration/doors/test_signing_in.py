"""Who gets in at which door, and the page for everybody who does not. The relying party is a stand-in here."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tests.cast import ANNA, CEES
from tests.portal_doors import Doors, care_says, digid_says

from beeldpas.domain.errors import BeeldpasError, Refused, Unavailable
from beeldpas.portal.helpdesk.door import StaffVisit
from beeldpas.portal.identity.declaration import Declarations
from beeldpas.portal.identity.relying_party import Evidence
from beeldpas.portal.pages.signing_in import send_off
from beeldpas.portal.settings import DeclarationSettings
from beeldpas.portal.store.tables import access_log, session

LOW = "http://eidas.europa.eu/LoA/low"
ANNAS = ANNA.bsn.reveal()


async def test_the_session_after_signing_in_has_a_new_id_and_the_cookie_holds_nothing_else(doors: Doors) -> None:
    visitor = doors.visitor()
    doors.parties["patient"].says = digid_says(ANNAS)
    away = await visitor.get("/sign-in", follow=False)
    before = visitor.client.cookies["__Host-patient"]
    back = await visitor.client.get("/callback/digid?state=state-1&code=x")
    after = visitor.client.cookies["__Host-patient"]
    assert away.headers["location"].startswith("https://digid.example/auth")
    assert back.headers["location"] == "/timeline"
    assert before != after
    cookie = back.headers["set-cookie"]
    assert {"HttpOnly", "Path=/", "SameSite=lax", "Secure"} <= set(re.split("; ", cookie))
    thief = doors.visitor()
    thief.client.cookies.set("__Host-patient", before)
    assert (await thief.get("/timeline", follow=False)).status == 401


async def test_no_bsn_stands_readable_in_the_session_table(doors: Doors) -> None:
    await doors.patient()
    rows = await doors.town.rows(session)
    assert rows
    assert not any(ANNAS.encode() in row.sealed for row in rows)


@pytest.mark.parametrize(
    ("says", "key"),
    [
        (digid_says(ANNAS, LOW), "U heeft een ID-check nodig"),
        (digid_says(ANNAS, None), "U heeft een ID-check nodig"),
        (digid_says(ANNAS, "http://eidas.europa.eu/LoA/very-high"), "U heeft een ID-check nodig"),
        (digid_says(ANNAS, loa_authn=LOW), "U heeft een ID-check nodig"),
        (digid_says("123456789"), "Wij kunnen uw gegevens nu niet gebruiken"),
        (Evidence("x", {"acr": "http://eidas.europa.eu/LoA/high"}, {}), "Wij kunnen uw gegevens nu niet gebruiken"),
        (digid_says(ANNAS, represents={"sub": "child"}), "U kunt niet voor iemand anders kijken"),
        (Refused("login_cancelled"), "U bent niet ingelogd"),
        (Refused("login_identity_problem"), "Wij kunnen uw gegevens nu niet gebruiken"),
        (Unavailable("digid"), "Inloggen met DigiD werkt nu niet"),
    ],
)
async def test_a_patient_who_cannot_be_let_in_reads_why(
    doors: Doors, says: Evidence | BeeldpasError, key: str
) -> None:
    visitor = doors.visitor()
    doors.parties["patient"].says = says
    page = await visitor.sign_in("/sign-in", "/callback/digid")
    assert f"<h1>{key}</h1>" in page.html
    assert page.status in (403, 503)
    assert ANNAS not in page.html
    assert (await visitor.get("/timeline", follow=False)).headers["location"] == "/"
    rows = await doors.town.rows(access_log, access_log.c.kind == "sign_in")
    assert '"outcome":"refused"' in rows[-1].record


async def test_a_bsn_that_lost_its_leading_zero_is_read(doors: Doors) -> None:
    visitor = doors.visitor()
    doors.parties["patient"].says = digid_says("10000008")  # 010000008 passes the eleven-test
    page = await visitor.sign_in("/sign-in", "/callback/digid")
    assert page.headers["location"] == "/timeline"


async def test_a_callback_counts_once(doors: Doors) -> None:
    visitor = await doors.patient()
    page = await visitor.get("/callback/digid?state=state-1&code=x")
    assert "<h1>Deze inlogpagina is al gebruikt</h1>" in page.html


async def test_a_callback_of_somebody_elses_sign_in_is_refused(doors: Doors) -> None:
    victim, attacker = doors.visitor(), doors.visitor()
    await attacker.get("/sign-in", follow=False)
    page = await victim.get("/callback/digid?state=state-1&code=x")
    assert "<h1>Uw browser bewaart geen cookies</h1>" in page.html


async def test_a_sign_in_that_began_in_english_ends_in_english(doors: Doors) -> None:
    visitor = doors.visitor("en")
    doors.parties["patient"].says = digid_says(ANNAS)
    page = await visitor.sign_in("/sign-in", "/callback/digid")
    assert page.headers["location"] == "/en/timeline"


async def test_a_sign_in_that_failed_is_explained_in_the_language_it_began_in(doors: Doors) -> None:
    visitor = doors.visitor("en")
    doors.parties["patient"].says = digid_says(ANNAS, LOW)
    page = await visitor.sign_in("/sign-in", "/callback/digid")
    assert "<h1>You need an ID check</h1>" in page.html
    assert page.link("/en/sign-in")


async def test_fifteen_minutes_of_silence_end_the_visit_and_the_page_says_so(doors: Doors) -> None:
    patient = await doors.patient()
    doors.town.clock.pass_by(minutes=15)
    page = await patient.get("/timeline")
    assert (page.status, "<h1>U bent uitgelogd</h1>" in page.html) == (401, True)
    assert "__Host-patient" not in patient.client.cookies


async def test_signing_out_leaves_nothing_open(doors: Doors) -> None:
    patient = await doors.patient()
    cookie = patient.client.cookies["__Host-patient"]
    page = await patient.post("/sign-out")
    assert "Op dit apparaat staat niets meer open" in page.text
    thief = doors.visitor()
    thief.client.cookies.set("__Host-patient", cookie)
    assert (await thief.get("/timeline")).status == 401


async def test_a_session_of_one_door_opens_no_other(doors: Doors) -> None:
    patient = await doors.patient()
    cookie = patient.client.cookies["__Host-patient"]
    stranger = doors.visitor()
    stranger.client.cookies.set("__Host-staff", cookie)
    assert (await stranger.get("/helpdesk/shares/K7P-4QX-92M", follow=False)).status == 401


async def test_a_patient_without_images_reads_that_every_hospital_answered(doors: Doors) -> None:
    page = await (await doors.patient(CEES)).get("/timeline")
    assert "Wij vonden geen beelden van u" in page.text


async def test_staff_without_the_role_are_sent_away(doors: Doors) -> None:
    visitor = doors.visitor()
    doors.parties["helpdesk"].says = Evidence("g", {}, {"name": "Gerrit", "roles": ["auditor"]})
    page = await visitor.sign_in("/helpdesk/sign-in", "/callback/staff")
    assert "<h1>U mag hier niet werken</h1>" in page.html


@pytest.mark.parametrize("claims", [{"name": "Dr. Dekker"}, {"uzi_id": "1"}, {}])
async def test_a_card_without_a_name_opens_nothing(doors: Doors, claims: dict[str, str]) -> None:
    visitor = doors.visitor()
    doors.parties["provider"].says = Evidence("z", {}, claims)
    page = await visitor.sign_in("/provider/sign-in", "/callback/zorg")
    assert "<h1>Met deze pas kunt u geen beelden openen</h1>" in page.html


@pytest.mark.parametrize(
    "relations", [[], [{"ura": "x", "entity_name": "A"}], "ura", [{"ura": "1", "entity_name": ""}]]
)
async def test_a_care_login_with_unreadable_workplaces_opens_nothing(doors: Doors, relations: object) -> None:
    visitor = doors.visitor()
    doors.parties["provider"].says = Evidence("z", {}, {"name": "D", "uzi_id": "1", "relations": relations})
    page = await visitor.sign_in("/provider/sign-in", "/callback/zorg")
    assert page.status == 403


async def test_who_works_at_two_places_says_for_which_one_now(doors: Doors) -> None:
    visitor = doors.visitor()
    doors.parties["provider"].says = care_says("Dr. E. Evers", ("90000202", "Ziekenhuis Oost"), ("203", "Praktijk"))
    page = await visitor.sign_in("/provider/sign-in", "/callback/zorg")
    assert page.headers["location"] == "/provider/workplace"
    assert "U bent ingelogd" not in (await visitor.get("/s")).text
    page = await visitor.post("/provider/workplace", {"ura": "00000203"})
    assert "Dr. E. Evers, Praktijk" in page.text
    assert (await visitor.post("/provider/workplace", {"ura": "99999999"})).status == 400


async def test_whoever_must_show_anew_who_they_are_comes_back_to_the_same_page(doors: Doors) -> None:
    asked: list[str] = []

    async def again(request: Request) -> Response:
        visit = await StaffVisit.of(request, "helpdesk")
        asked.append(visit.session.id if visit.session else "")
        return await send_off(visit, max_age=60, back_to=request.query_params["to"])

    doors.starlette.router.routes.append(Route("/again", again))
    visitor = await doors.agent()
    before = visitor.client.cookies["__Host-staff"]
    for to, back in (("/helpdesk/shares/K7P/stop", "/helpdesk/shares/K7P/stop"), ("//evil.example/", "/helpdesk")):
        page = await visitor.sign_in(f"/again?to={to}", "/callback/staff")
        assert page.headers["location"] == back
    assert asked[0] == before
    assert visitor.client.cookies["__Host-staff"] not in asked
    sessions = doors.starlette.state.sessions["helpdesk"]
    kept = await sessions.load(visitor.client.cookies["__Host-staff"], doors.town.house.clock())
    assert kept.values["staff"]["authenticated_at"] == int(doors.town.house.clock().timestamp())
    assert (await sessions.load(before, doors.town.house.clock())) is None


@pytest.mark.parametrize("language", ["nl", "en"])
async def test_who_signs_out_signs_out_at_the_provider_too_and_comes_back_in_their_language(
    doors: Doors, language: str
) -> None:
    everybody = {
        "patient": ("/sign-out", await doors.patient(language=language)),
        "provider": ("/provider/sign-out", await doors.provider(language=language)),
        "helpdesk": ("/helpdesk/sign-out", await doors.agent(language)),
    }
    for door, (path, visitor) in everybody.items():
        party = doors.parties[door]
        party.leads_out = f"https://{party.name}.example/end"
        page = await visitor.post(path, follow=False)
        assert page.headers["location"] == f"https://{party.name}.example/end?state={door}.{language}"
        back = await doors.visitor().get(f"/signed-out?state={door}.{language}")
        assert ("U bent uitgelogd" if language == "nl" else "You are signed out") in back.text
        assert f'class="for-{door} ' in back.html


async def test_who_said_themselves_who_they_are_is_not_sent_to_the_care_login_to_sign_out(doors: Doors) -> None:
    patient = await doors.patient()
    _, code, pin, _ = await patient.share()
    visitor = doors.visitor()
    await visitor.redeem(code, pin)
    doors.parties["provider"].leads_out = "https://zorg.example/end"
    page = await visitor.post("/provider/sign-out", follow=False)
    assert page.headers["location"] == "/provider/signed-out"


@pytest.mark.parametrize("once", [True, False])
async def test_a_declaration_counts_once(doors: Doors, once: bool) -> None:
    key = RSAKey.generate_key(2048, {"kid": "dezi-1"})
    settings = DeclarationSettings(jwks_file=Path("unread"), once=once)
    doors.starlette.state.declarations = Declarations(settings, KeySet([key]))
    now = int(doors.town.house.clock().timestamp())
    claims = {
        "jti": str(uuid4()), "iss": settings.issuer, "nbf": now, "exp": now + 3600,
        "loa_dezi": "http://eidas.europa.eu/LoA/high", "dezi_nummer": "123456789", "voorletters": "A.B.",
        "achternaam": "Zorgmedewerker", "abonnee_nummer": "87654321", "abonnee_naam": "Zorgaanbieder",
        "rol_code": "01.015",
    }  # fmt: skip
    token = jwt.encode({"alg": "RS256", "kid": "dezi-1"}, claims, key)
    doors.parties["provider"].says = Evidence("s", {}, {"sub": "s", "verklaring": token})
    first = await doors.visitor().sign_in("/provider/sign-in", "/callback/zorg")
    assert first.headers["location"] == "/s"
    again = await doors.visitor().sign_in("/provider/sign-in", "/callback/zorg")
    assert (again.status, "Deze inlogpagina is al gebruikt" in again.text) == ((403, True) if once else (303, False))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"card_type": "M"}, "Met deze pas kunt u geen beelden openen"),
        ({"card_type": "S"}, "Met deze pas kunt u geen beelden openen"),
        ({"loa_authn": LOW}, "Log in met een hoger niveau"),
        ({"relations": []}, "Wij kunnen uw gegevens nu niet gebruiken"),
    ],
    ids=str,
)
async def test_a_care_provider_who_cannot_be_let_in_reads_why(
    doors: Doors, changes: dict[str, object], text: str
) -> None:
    honest = care_says("Dr. D. Dekker", ("90000201", "Kliniek De Linde"))
    doors.parties["provider"].says = replace(honest, userinfo={**honest.userinfo, **changes})
    visitor = doors.visitor()
    page = await visitor.sign_in("/provider/sign-in", "/callback/zorg")
    assert (page.status, f"<h1>{text}</h1>" in page.html) == (403, True)
    assert (await visitor.get("/provider/workplace", follow=False)).headers["location"] == "/s"


async def test_the_roles_of_a_care_provider_stand_in_the_log(doors: Doors) -> None:
    await doors.provider()
    rows = await doors.town.rows(access_log, access_log.c.kind == "sign_in")
    assert '"roles":["01.015"]' in rows[-1].record
