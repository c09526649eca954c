"""A visit says until when it lasts, warns two minutes before, and stays only when a person wants it to."""

from __future__ import annotations

import json

import pytest
from tests.portal_doors import Doors, Visitor

from beeldpas.demo.check.page import Page

WARNING = "Om 10.45 uur loggen wij u uit."  # the story begins at half past ten


async def left(visitor: Visitor, root: str = "/session") -> dict[str, object]:
    answer = json.loads((await visitor.get(f"{root}/left")).html)
    assert isinstance(answer, dict)
    return answer


def refreshes_after(page: Page) -> int:
    return int(page.html.partition('http-equiv="refresh" content="')[2].partition('"')[0])


async def test_the_frame_warns_two_minutes_before_the_end_and_its_button_keeps_the_visit(doors: Doors) -> None:
    anna = await doors.patient()
    clock = await anna.get("/session/clock")
    assert "Doet u niets, dan loggen wij u uit om 10.45 uur" in clock.text
    assert refreshes_after(clock) == 13 * 60
    doors.town.clock.pass_by(minutes=13)
    clock = await anna.get("/session/clock")
    assert WARNING in clock.text
    assert refreshes_after(clock) == 121
    doors.town.clock.pass_by(minutes=1)
    clock = await anna.post("/session/stay")
    assert "loggen wij u uit om 10.59 uur" in clock.text
    doors.town.clock.pass_by(minutes=14)
    assert (await anna.get("/timeline")).status == 200


async def test_a_page_that_refreshes_itself_keeps_nobody_signed_in(doors: Doors) -> None:
    anna = await doors.patient()
    for _ in range(14):
        doors.town.clock.pass_by(minutes=1)
        await anna.get("/session/clock")
        await left(anna)
        await anna.get("/session/ended")
    assert (await left(anna))["seconds"] == 60
    doors.town.clock.pass_by(minutes=1)
    assert await left(anna) == {"seconds": 0, "can_stay": False}
    assert "U bent uitgelogd." in (await anna.get("/session/clock")).text
    assert (await anna.get("/timeline")).status == 401


async def test_two_hours_are_announced_too_and_nobody_can_stay_longer(doors: Doors) -> None:
    anna = await doors.patient()
    for _ in range(11):
        doors.town.clock.pass_by(minutes=10)
        await anna.get("/shares")
    assert await left(anna) == {"seconds": 600, "can_stay": False}
    clock = await anna.get("/session/clock")
    assert "U bent bijna 2 uur ingelogd. Om 12.30 uur loggen wij u uit." in clock.text
    assert "Ingelogd blijven" not in clock.text
    doors.town.clock.pass_by(minutes=8)
    await anna.post("/session/stay")
    assert await left(anna) == {"seconds": 120, "can_stay": False}
    doors.town.clock.pass_by(minutes=2)
    assert "U was 2 uur ingelogd" in (await anna.get("/session/ended?max")).text


async def test_somebody_signed_out_while_sharing_reads_that_nothing_is_lost(doors: Doors) -> None:
    anna = await doors.patient()
    form = (await anna.get("/timeline")).form("/share/choose")
    await anna.post("/share/choose", {"study": form.options["study"][:1], **form.values})
    doors.town.clock.pass_by(minutes=15)
    page = await anna.post("/share/terms", {"for_whom": "dr. Dekker", "days": "14", "language": "nl"})
    assert page.status == 401
    assert "Was u bezig met delen? Dan staan uw keuzes er nog." in page.text
    assert "Toegang die u al gaf, blijft gelden." in page.text
    assert page.headers["clear-site-data"] == '"cache"'


@pytest.mark.parametrize("language", ["nl", "en"])
async def test_the_frame_may_stand_in_our_own_pages_and_nowhere_else(doors: Doors, language: str) -> None:
    clock = await (await doors.patient(language=language)).get("/session/clock")
    assert "frame-ancestors 'self'" in clock.headers["content-security-policy"]
    assert clock.headers["x-frame-options"] == "SAMEORIGIN"
    assert clock.headers["cache-control"] == "no-store"
    assert f'<html lang="{language}"' in clock.html


async def test_every_page_of_somebody_who_is_signed_in_warns_and_no_other_does(doors: Doors) -> None:
    anna = await doors.patient()
    page = await anna.get("/shares")
    assert 'data-session="/session/" data-seconds="900" data-warning="120" data-can-stay="yes"' in page.html
    assert '<noscript><iframe class="clock" src="/session/clock"' in page.html
    for path in ("/help", "/privacy", "/s"):
        assert "data-session" not in (await anna.get(path)).html


async def test_each_door_has_its_own_clock(doors: Doors) -> None:
    agent, doctor = await doors.agent(), await doors.provider()
    assert (await left(agent, "/helpdesk/session"))["seconds"] == 900
    assert (await left(doctor, "/provider/session"))["seconds"] == 900
    assert (await left(agent))["seconds"] == 0
    assert "Was u bezig met delen" not in (await doors.visitor().get("/provider/session/ended")).text


async def test_signing_out_takes_pages_to_go_back_to_out_of_the_browser(doors: Doors) -> None:
    anna = await doors.patient()
    page = await anna.post("/sign-out", follow=False)
    assert page.headers["clear-site-data"] == '"cache"'
    assert "__Host-patient" not in anna.client.cookies
    assert (await anna.get("/timeline", follow=False)).headers["cache-control"] == "no-store"


async def test_a_stranger_learns_nothing_from_the_clock(doors: Doors) -> None:
    stranger = doors.visitor()
    assert await left(stranger) == {"seconds": 0, "can_stay": False}
    await stranger.post("/session/stay")
    assert "__Host-patient" not in stranger.client.cookies
