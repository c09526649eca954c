"""Who asks too often is asked to wait; a hospital behind one address is not one person."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import httpx2
import pytest
from tests.portal_doors import FORM, SAME_SITE, Doors
from tests.sharing_town import PORTAL, foreign_code

from beeldpas.portal.app import build_app
from beeldpas.portal.settings import PortalLimits
from beeldpas.portal.store.tables import access_log

HOSPITAL, HOME = "192.0.2.7", "198.51.100.1"
PROXY = ("10.0.0.5", 4711)


class Street:
    """The portal behind a trusted proxy, with browsers at addresses of our choice."""

    def __init__(self, doors: Doors, **limits: int) -> None:
        town = doors.town
        changed = {"trusted_proxies": (ip_network("10.0.0.5/32"),), "limits": PortalLimits(**limits)}
        town.house = replace(town.house, settings=town.house.settings.model_copy(update=changed))
        self.doors, self.app = doors, build_app(town.house)

    def browser(self, address: str) -> httpx2.AsyncClient:
        """A browser without cookies at this address."""
        transport = httpx2.ASGITransport(app=self.app, client=PROXY)
        return httpx2.AsyncClient(transport=transport, base_url=PORTAL, headers={"X-Forwarded-For": address})

    async def type_code(self, address: str, code: str, pin: str, **cookies: str) -> httpx2.Response:
        """Fill in the link page as somebody who did not sign in."""
        who = {"name": "Dr. D. Dekker", "organisation": "Kliniek De Linde", "function": ""}
        async with self.browser(address) as browser:
            browser.cookies.update(cookies)
            fields = {"code": code, "pin": pin, "link": "", **who}
            return await browser.post("/s", data=fields, headers=SAME_SITE | FORM)

    async def guess(self, address: str, **cookies: str) -> httpx2.Response:
        """Try a code that no share has."""
        return await self.type_code(address, foreign_code().reveal(), "123456", **cookies)


async def test_three_hundred_people_of_one_hospital_redeem_at_once_and_none_is_refused(doors: Doors) -> None:
    """On a machine that has much else to do some hear that it is busy; whoever then tries again gets in."""
    street, town = Street(doors), doors.town
    anna = await town.patient()
    letters = [await town.share(replace(anna, subject=f"patient-{number}")) for number in range(60)]
    people = [(made.code.reveal(), made.pin.reveal()) for made in letters] * 5
    answers = await asyncio.gather(*(street.type_code(HOSPITAL, code, pin) for code, pin in people))
    for number, answer in enumerate(answers):
        if answer.status_code == 503:
            answers[number] = await street.type_code(HOSPITAL, *people[number])
    assert Counter(answer.status_code for answer in answers) == {303: 300}
    assert {answer.headers["location"] for answer in answers} == {
        f"/provider/shares/{made.share_id}" for made in letters
    }


async def test_a_guesser_is_slowed_down_and_others_are_not(doors: Doors) -> None:
    street = Street(doors, code_tries=20)
    told = Counter([(await street.guess(HOME)).status_code for _ in range(30)])
    assert told == {403: 20, 429: 10}
    assert (await street.guess(HOSPITAL)).status_code == 403
    answer = await street.guess(HOME)
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert "<h1>Wacht even</h1>" in answer.text
    assert "U bent geen poging kwijt" in answer.text


async def test_a_guesser_cannot_change_address_by_writing_one(doors: Doors) -> None:
    street = Street(doors, code_tries=5)
    told = [(await street.guess(f"203.0.113.{number}, {HOME}")).status_code for number in range(8)]
    assert told == [403] * 5 + [429] * 3


async def test_all_guessers_together_are_slowed_down_and_who_signed_in_is_not(doors: Doors) -> None:
    street = Street(doors, code_tries_of_all=10)
    assert [(await street.guess(f"192.0.2.{number}")).status_code for number in range(12)] == [403] * 10 + [429] * 2
    dekker = await doors.provider()
    cookies = {cookie.name: str(cookie.value) for cookie in dekker.client.cookies.jar}
    assert (await street.guess("192.0.2.250", **cookies)).status_code == 403


async def test_somebody_who_signed_in_has_a_number_of_their_own_behind_a_guessers_address(doors: Doors) -> None:
    street = Street(doors, code_tries=3, code_tries_signed_in=4)
    assert [(await street.guess(HOSPITAL)).status_code for _ in range(4)] == [403, 403, 403, 429]
    dekker = await doors.provider()
    cookies = {cookie.name: str(cookie.value) for cookie in dekker.client.cookies.jar}
    own = [(await street.guess(HOSPITAL, **cookies)).status_code for _ in range(5)]
    assert own == [403, 403, 403, 403, 429]


@pytest.mark.parametrize("path", ["/sign-in", "/en/provider/sign-in", "/helpdesk/sign-in", "/helpdesk/step-up"])
async def test_sign_ins_that_begin_without_end_are_slowed_down_at_every_door(doors: Doors, path: str) -> None:
    street = Street(doors, sign_ins=3)
    parties: Any = doors.parties
    street_app = street.app
    while not hasattr(street_app, "state"):
        street_app = street_app.app  # type: ignore[attr-defined]
    street_app.state.relying_parties = parties
    async with street.browser(HOME) as browser:
        told = [await browser.get(path) for _ in range(4)]
    assert [answer.status_code for answer in told] == [303, 303, 303, 429]
    assert "Retry-After" in told[-1].headers
    assert "content-security-policy" in told[-1].headers
    async with street.browser(HOSPITAL) as browser:
        assert (await browser.get(path)).status_code == 303


@pytest.mark.parametrize("path", ["/callback/digid", "/en/callback/zorg", "/callback/staff"])
async def test_answers_to_no_sign_in_cannot_fill_the_log(doors: Doors, path: str) -> None:
    street, town = Street(doors, sign_ins=3), doors.town
    before = len(await town.rows(access_log))
    async with street.browser(HOME) as browser:
        told = [(await browser.get(f"{path}?state=none&code=x")).status_code for _ in range(6)]
    assert told == [403] * 3 + [429] * 3
    assert len(await town.rows(access_log)) == before + 3


async def test_the_log_says_where_somebody_came_from_and_not_which_proxy(doors: Doors) -> None:
    street, town = Street(doors), doors.town
    made = await town.share(await town.patient())
    await street.type_code(f"127.0.0.1, {HOSPITAL}", made.code.reveal(), made.pin.reveal())
    rows = await town.rows(access_log, access_log.c.kind == "redeem_share")
    assert HOSPITAL in rows[-1].record
    assert "10.0.0.5" not in rows[-1].record
