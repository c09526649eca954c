"""Somebody looks for another: whom they see, what every page says, what both people find in the log."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from tests.cast import ANNA, BRAM, CEES
from tests.portal_doors import Doors, Visitor, digid_says

from beeldpas.portal.store.tables import access_log, session

MOTHER, CHILD = BRAM, ANNA  # whose studies the town knows is the child here
BAR = "U kijkt voor uw kind: Noor, geboren in mei 2018"


def says_for(birthdate: str = "2018-05-03", relation: str = "parent", **more: Any) -> Any:
    represented = {"sub": "n", "iss": "https://bvd.example", "bsn": CHILD.bsn.reveal(), "relation": relation}
    return digid_says(
        MOTHER.bsn.reveal(), represents={**represented, "birthdate": birthdate, "given_name": "Noor", **more}
    )


async def mother(doors: Doors, **how: Any) -> Visitor:
    """A mother who signed in for her child."""
    visitor = doors.visitor()
    doors.parties["patient"].says = says_for(**how)
    page = await visitor.sign_in("/sign-in", "/callback/digid")
    assert page.headers["location"] == "/timeline"
    return visitor


async def records(doors: Doors, kind: str) -> list[dict[str, Any]]:
    rows = await doors.town.rows(access_log, access_log.c.kind == kind)
    return [json.loads(row.record) for row in sorted(rows, key=lambda row: row.row_id)]


async def names(doors: Doors, person: Any) -> str:
    return (await doors.town.house.pseudonyms.names(person.bsn))[0]


async def test_a_mother_sees_her_childs_images_and_every_page_says_for_whom(doors: Doors) -> None:
    visitor = await mother(doors)
    share_id, *_ = await visitor.share()
    for path in (
        "/", "/timeline", "/shares", f"/shares/{share_id}", f"/shares/{share_id}/stop", "/log", "/shares/nothing",
    ):  # fmt: skip
        page = await visitor.get(path)
        assert BAR in page.text, path
        assert any(form.action == "/sign-out" for form in page.forms), path
    assert "Stoppen en uitloggen" in page.text


async def test_both_people_stand_in_the_log_and_in_the_share(doors: Doors) -> None:
    visitor = await mother(doors)
    await visitor.share()
    both = (await names(doors, MOTHER), "parent", await names(doors, CHILD))
    for kind in ("sign_in", "view_timeline", "preview_share", "make_share"):
        last = (await records(doors, kind))[-1]
        assert (last["actor"], last["on_behalf"], last["patient"]) == both, kind


async def test_the_log_that_the_patient_reads_says_who_looked_for_them(doors: Doors) -> None:
    await (await mother(doors)).get("/timeline")
    child = await doors.patient(CHILD)
    text = (await child.get("/log")).text
    assert "Een ouder, voor de patiënt," in text, "what others did is shown first, and a parent is somebody else"


async def test_of_the_mother_the_session_holds_no_number(doors: Doors) -> None:
    visitor = await mother(doors)
    sessions = doors.starlette.state.sessions["patient"]
    kept = await sessions.load(visitor.client.cookies[sessions.cookie], doors.town.clock.now)
    assert MOTHER.bsn.reveal() not in json.dumps(kept.values)
    assert not any(CHILD.bsn.reveal().encode() in row.sealed for row in await doors.town.rows(session))


async def test_looking_for_a_child_ends_at_midnight_before_its_twelfth_birthday(doors: Doors) -> None:
    tomorrow = doors.town.clock.now.date() + timedelta(days=1)
    twelve = date(tomorrow.year - 12, tomorrow.month, tomorrow.day)
    doors.town.clock.pass_by(hours=13, minutes=20)  # ten to midnight in the Netherlands
    visitor = await mother(doors, birthdate=twelve.isoformat())
    assert json.loads((await visitor.get("/session/left")).html) == {"seconds": 600, "can_stay": False}
    doors.town.clock.pass_by(minutes=9, seconds=59)
    assert (await visitor.get("/timeline")).status == 200
    doors.town.clock.pass_by(seconds=1)
    assert (await visitor.get("/timeline")).status == 401
    page = await visitor.sign_in("/sign-in", "/callback/digid")
    assert "<h1>U kunt dit niet voor uw kind bekijken</h1>" in page.html
    assert "Dan beslist uw kind mee" in page.text
    assert "Uw kind kan zelf inloggen" in page.text


@pytest.mark.parametrize(
    ("how", "title"),
    [
        ({"birthdate": "2012-05-03"}, "U kunt dit niet voor uw kind bekijken"),
        ({"birthdate": "2008-05-03"}, "U kunt dit niet voor uw kind bekijken"),
        ({"relation": "mandate"}, "U kunt met deze machtiging niet kijken"),
        ({"relation": "curator"}, "U kunt niet voor iemand anders kijken"),
        ({"birthdate": ""}, "U kunt nu niet voor iemand anders kijken"),
        ({"represents": {"sub": "x", "iss": "y"}}, "U kunt niet voor iemand anders kijken"),
        ({"bsn": MOTHER.bsn.reveal()}, "U koos uzelf als de ander"),
    ],
)
async def test_who_may_not_look_reads_why_and_what_to_do(doors: Doors, how: dict[str, Any], title: str) -> None:
    visitor = doors.visitor()
    doors.parties["patient"].says = says_for(**how)
    page = await visitor.sign_in("/sign-in", "/callback/digid")
    assert (page.status, f"<h1>{title}</h1>" in page.html) == (403, True)
    assert "__Host-patient" in visitor.client.cookies, "the sign-in under way, and nothing more"
    assert (await visitor.get("/timeline", follow=False)).headers["location"] == "/"
    assert (await records(doors, "sign_in"))[-1]["outcome"] == "refused"


async def test_a_mandate_is_said_in_words_too(doors: Doors) -> None:
    visitor = await mother(doors, birthdate="1952", relation="mandate")
    said = "U kijkt met een machtiging voor iemand anders: Noor, geboren in 1952"
    assert said in (await visitor.get("/timeline")).text


async def test_an_age_instead_of_a_birth_date_is_shown_as_an_age(doors: Doors) -> None:
    visitor = doors.visitor("en")
    doors.parties["patient"].says = says_for(birthdate=None, age=8, given_name=None)  # type: ignore[arg-type]
    await visitor.sign_in("/sign-in", "/callback/digid")
    assert "You are looking for your child: 8 years old" in (await visitor.get("/timeline")).text


async def test_the_childs_own_visit_says_nothing_of_the_kind(doors: Doors) -> None:
    assert "U kijkt" not in (await (await doors.patient(CHILD)).get("/timeline")).text


async def test_another_mother_finds_nothing_of_this_child(doors: Doors) -> None:
    share_id, *_ = await (await mother(doors)).share()
    stranger = await doors.patient(CEES)
    assert (await stranger.get(f"/shares/{share_id}")).status == 404


async def test_signing_out_works_for_whoever_stands_in(doors: Doors) -> None:
    visitor = await mother(doors)
    page = await visitor.post("/sign-out")
    assert "Op dit apparaat staat niets meer open" in page.text
    last = (await records(doors, "sign_out"))[-1]
    assert (last["outcome"], last["on_behalf"]) == ("done", "parent")
