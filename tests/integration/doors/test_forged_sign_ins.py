"""Somebody else's sign-in, answer or cookie is worth nothing: neither to steal a visit nor to smuggle one in."""

from __future__ import annotations

from hashlib import sha256

import pytest
from tests.cast import ANNA, BRAM
from tests.portal_doors import Doors, digid_says

from beeldpas.portal.store.tables import session


async def test_an_attackers_answer_does_not_sign_the_victim_in_as_the_attacker(doors: Doors) -> None:
    """Login CSRF: whoever looks at a timeline must know whose it is."""
    attacker, victim = doors.visitor(), doors.visitor()
    await attacker.get("/sign-in", follow=False)
    await victim.get("/sign-in", follow=False)
    doors.parties["patient"].says = digid_says(BRAM.bsn.reveal())
    page = await victim.get("/callback/digid?state=state-1&code=of-the-attacker", follow=False)
    assert page.status == 403
    assert (await victim.get("/timeline", follow=False)).headers["location"] == "/"


async def test_an_attackers_answer_does_not_change_who_a_signed_in_victim_is(doors: Doors) -> None:
    victim, attacker = await doors.patient(ANNA), doors.visitor()
    before = victim.client.cookies["__Host-patient"]
    await attacker.get("/sign-in", follow=False)
    doors.parties["patient"].says = digid_says(BRAM.bsn.reveal())
    state = f"state-{doors.parties['patient'].begun}"
    page = await victim.get(f"/callback/digid?state={state}&code=of-the-attacker", follow=False)
    assert "<h1>Deze inlogpagina is al gebruikt</h1>" in page.html
    assert victim.client.cookies["__Host-patient"] == before
    assert (await victim.get("/timeline")).status == 200


async def test_an_answer_for_one_door_is_worth_nothing_at_another(doors: Doors) -> None:
    """Mix-up: each provider has its own callback, and each door its own sessions."""
    visitor = doors.visitor()
    await visitor.get("/helpdesk/sign-in", follow=False)
    doors.parties["patient"].says = digid_says(ANNA.bsn.reveal())
    page = await visitor.get("/callback/digid?state=state-1&code=x", follow=False)
    assert (page.status, "<h1>Uw browser bewaart geen cookies</h1>" in page.html) == (403, True)


async def test_a_cookie_that_was_planted_before_signing_in_opens_nothing_after_it(doors: Doors) -> None:
    """Session fixation."""
    attacker, victim = doors.visitor(), doors.visitor()
    await attacker.get("/sign-in", follow=False)
    planted = attacker.client.cookies["__Host-patient"]
    victim.client.cookies.set("__Host-patient", planted)
    doors.parties["patient"].says = digid_says(ANNA.bsn.reveal())
    back = await victim.get("/callback/digid?state=state-1&code=x", follow=False)
    assert back.headers["location"] == "/timeline"
    thief = doors.visitor()
    thief.client.cookies.set("__Host-patient", planted)
    assert (await thief.get("/timeline", follow=False)).status == 401


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "?code=x",
        "?state=&code=x",
        "?state=of-nobody&code=x",
        "?state=state-1&state=state-1&code=x",
        "?state=state-1&code=x&code=y",
        "?state=state-1&code=x&iss=a&iss=b",
    ],
)
async def test_an_answer_that_fits_no_sign_in_or_says_a_thing_twice_lets_nobody_in(doors: Doors, answer: str) -> None:
    visitor = doors.visitor()
    doors.parties["patient"].says = digid_says(ANNA.bsn.reveal())
    await visitor.get("/sign-in", follow=False)
    page = await visitor.get(f"/callback/digid{answer}", follow=False)
    assert page.status == 403
    assert (await visitor.get("/timeline", follow=False)).headers["location"] == "/"


async def test_a_sign_in_that_was_refused_is_used_up(doors: Doors) -> None:
    visitor = doors.visitor()
    doors.parties["patient"].says = digid_says("123456789")
    await visitor.sign_in("/sign-in", "/callback/digid")
    doors.parties["patient"].says = digid_says(ANNA.bsn.reveal())
    page = await visitor.get("/callback/digid?state=state-1&code=x", follow=False)
    assert "<h1>Deze inlogpagina is al gebruikt</h1>" in page.html


async def test_many_sign_ins_begun_and_never_finished_leave_three_behind(doors: Doors) -> None:
    visitor = doors.visitor()
    for _ in range(8):
        await visitor.get("/sign-in", follow=False)
    (row,) = await doors.town.rows(session, session.c.id_hash == _hash(visitor.client.cookies["__Host-patient"]))
    assert len(row.sealed) < 2000
    doors.parties["patient"].says = digid_says(ANNA.bsn.reveal())
    assert (await visitor.get("/callback/digid?state=state-5&code=x", follow=False)).status == 403
    assert (await visitor.get("/callback/digid?state=state-6&code=x", follow=False)).status == 303


def _hash(session_id: str) -> str:
    return sha256(session_id.encode()).hexdigest()
