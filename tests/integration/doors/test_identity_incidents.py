"""A hospital contradicts two others about whose a study is: the patient does not see it, and who must know does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import delete, select
from tests.cast import ANNA
from tests.portal_doors import Doors, digid_says
from tests.sharing_town import CHEST_CR, HEAD_CT, KNEE_MR

from beeldpas.audit.events import Upkeep
from beeldpas.database.engine import transaction
from beeldpas.domain.identity import Attribute, Claim, Doubt
from beeldpas.portal.store import incidents
from beeldpas.portal.store.tables import access_log

NOORD, ZUID = Claim(HEAD_CT, "noord", "p1.aa", "p1.ff"), Claim(KNEE_MR, "zuid", "p1.aa", "p1.ff")
WRONG = Claim(KNEE_MR, "west", "p1.bb", "p1.ff")
DOUBT = Doubt(KNEE_MR, "west", Attribute.BIRTH_DATE, ("noord", "zuid"), is_outvoted=True)


@pytest.fixture(autouse=True)
async def nothing_noted_yet(doors: Doors) -> None:
    """The database is that of other tests too, and these are the same studies."""
    async with transaction(doors.town.house.engine) as connection:
        await connection.execute(delete(incidents.table))


async def noted(doors: Doors) -> list[dict[str, Any]]:
    """The lines about contradictions, whole."""
    async with transaction(doors.town.house.engine) as connection:
        wanted = select(access_log.c.record).where(access_log.c.kind == Upkeep.IDENTITY_DOUBTED)
        return [json.loads(record) for record in (await connection.execute(wanted)).scalars()]


async def test_what_is_outvoted_is_not_shown_noted_once_and_told_to_its_hospital(doors: Doors) -> None:
    doors.town.registry.claims = (NOORD, ZUID, WRONG)
    anna, before = await doors.patient(), len(await noted(doors))
    page = await anna.get("/timeline")
    assert "Ziekenhuis Zuid" in page.text and "niet lezen" in page.text
    await anna.get("/timeline")
    (row,) = (await noted(doors))[before:]
    assert (row["hospital"], row["against"], row["attribute"], row["outvoted"]) == (
        "west", ["noord", "zuid"], "birth_date", True,
    )  # fmt: skip
    assert (row["patient"], row["actor_kind"]) == (None, "program")
    assert doors.town.hospitals.doubted == [DOUBT]
    async with transaction(doors.town.house.engine) as connection:
        assert await incidents.count(connection) == {("west", "birth_date"): 1}


async def test_a_hospital_that_does_not_answer_is_told_the_next_time(doors: Doors) -> None:
    doors.town.registry.claims = (NOORD, ZUID, WRONG)
    doors.town.hospitals.silent.add("west")
    anna = await doors.patient()
    await anna.get("/timeline")
    assert doors.town.hospitals.doubted == []
    doors.town.hospitals.silent.clear()
    for _ in range(2):
        await anna.get("/timeline")
    assert doors.town.hospitals.doubted == [DOUBT]


async def test_one_word_against_another_hides_both_and_outvotes_nobody(doors: Doors) -> None:
    doors.town.registry.claims = (NOORD, Claim(CHEST_CR, "noord", "p1.aa"), WRONG)
    page = await (await doors.patient()).get("/timeline")
    assert page.html.count('<li class="card">') == 1
    assert {(one.study_uid, one.hospital, one.is_outvoted) for one in doors.town.hospitals.doubted} == {
        (HEAD_CT, "noord", False), (CHEST_CR, "noord", False), (KNEE_MR, "west", False),
    }  # fmt: skip


async def test_what_was_one_word_and_is_outvoted_now_is_noted_and_told_again(doors: Doors) -> None:
    anna, before = await doors.patient(), len(await noted(doors))
    doors.town.registry.claims = (NOORD, WRONG)
    await anna.get("/timeline")
    doors.town.registry.claims = (NOORD, ZUID, WRONG)
    await anna.get("/timeline")
    assert [(row["hospital"], row["outvoted"]) for row in (await noted(doors))[before:]] == [
        ("noord", False), ("west", False), ("west", True),
    ]  # fmt: skip
    assert doors.town.hospitals.doubted[-1] == DOUBT


async def test_where_all_agree_nothing_is_noted(doors: Doors) -> None:
    doors.town.registry.claims = (NOORD, ZUID, Claim(KNEE_MR, "west", "p1.aa"))
    anna, before = await doors.patient(), len(await noted(doors))
    page = await anna.get("/timeline")
    assert page.html.count('<li class="card">') == 3
    assert len(await noted(doors)) == before and doors.town.hospitals.doubted == []


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ({"birthdate": "1952-03-08"}, HEAD_CT),
        ({"birthdate": "1958-02-04"}, KNEE_MR),
        ({"birthdate": "1952"}, KNEE_MR),
        ({"birthdate": 19520308}, KNEE_MR),
        ({}, KNEE_MR),
    ],
    ids=str,
)
async def test_the_day_that_the_sign_in_tells_counts_for_more_than_two_hospitals(
    doors: Doors, told: dict[str, Any], shown: str
) -> None:
    right, wrong = (f"p1.{doors.town.house.pseudonyms.fingerprint(day)}" for day in ("1952-03-08", "1958-02-04"))
    hospitals = {"noord": (HEAD_CT, right), "west": (KNEE_MR, wrong), "zuid": (KNEE_MR, wrong)}
    doors.town.registry.claims = tuple(Claim(uid, at, born) for at, (uid, born) in hospitals.items())
    doors.parties["patient"].says = digid_says(ANNA.bsn.reveal(), **told)
    anna = doors.visitor()
    await anna.sign_in("/sign-in", "/callback/digid")
    page = await anna.get("/timeline")
    assert {HEAD_CT, KNEE_MR} & {*page.form("/share/choose").options["study"]} == {shown}
