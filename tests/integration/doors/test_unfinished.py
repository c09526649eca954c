"""A visit that ends in the middle of a share: nothing that was filled in is lost, and nobody else finds it."""

from __future__ import annotations

from typing import Any

from tests.cast import BRAM
from tests.portal_doors import Doors, Visitor, digid_says
from tests.sharing_town import HEAD_CT, KNEE_MR

from beeldpas.portal.patient.draft import forget_old
from beeldpas.portal.store.tables import share_draft

TYPED = {"for_whom": "dr. Dekker", "days": "7", "language": "nl", "note": "Mijn knie doet pijn"}


async def drafts(doors: Doors) -> list[Any]:
    """What is kept of this patient; other tests' patients are in the same town."""
    patient = await doors.town.patient()
    return list(await doors.town.rows(share_draft, share_draft.c.patient == patient.subject))


async def half_way(doors: Doors) -> Visitor:
    patient = await doors.patient()
    await patient.post("/share/choose", {"study": HEAD_CT, f"hospital.{HEAD_CT}": "noord"})
    return patient


async def back(doors: Doors, visitor: Visitor) -> str:
    """Sign in again; returns where that leads."""
    answer = await visitor.sign_in("/sign-in", "/callback/digid")
    return answer.headers["location"]


async def test_what_was_typed_when_the_visit_had_ended_is_there_after_signing_in_again(doors: Doors) -> None:
    patient = await half_way(doors)
    form = (await patient.get("/share/terms")).form("/share/terms").values
    doors.town.clock.pass_by(minutes=16)
    page = await patient.post("/share/terms", {**form, **TYPED})
    assert (page.status, "Dan staan uw keuzes er nog" in page.text) == (401, True)
    assert await back(doors, patient) == "/share/terms"
    page = await patient.get("/share/terms")
    assert "Uw keuzes zijn bewaard" in page.text
    assert page.form("/share/terms").values["for_whom"] == "dr. Dekker"
    assert ">Mijn knie doet pijn</textarea>" in page.html
    assert "U koos 1 onderzoek van 1 ziekenhuis, 12 beelden" in page.text


async def test_what_was_ticked_when_the_visit_had_ended_is_there_too(doors: Doors) -> None:
    patient = await doors.patient()
    form = (await patient.get("/share")).form("/share/choose").values
    doors.town.clock.pass_by(minutes=16)
    ticked = {**form, "how": "ticked", "study": [KNEE_MR], f"hospital.{KNEE_MR}": "zuid"}
    assert (await patient.post("/share/choose", ticked)).status == 401
    assert await back(doors, patient) == "/share/terms"
    page = await patient.get("/share")
    assert f'value="{KNEE_MR}" id=' in page.html
    assert "checked" in page.html.partition(f'value="{KNEE_MR}"')[2][:40]


async def test_nobody_else_finds_it(doors: Doors) -> None:
    patient = await half_way(doors)
    form = (await patient.get("/share/terms")).form("/share/terms").values
    doors.town.clock.pass_by(minutes=16)
    await patient.post("/share/terms", {**form, **TYPED})
    doors.parties["patient"].says = digid_says(BRAM.bsn.reveal())
    assert await back(doors, patient) == "/timeline"
    assert (await patient.get("/share/terms")).url.endswith("/timeline")


async def test_without_a_note_that_is_ours_nothing_is_put_down(doors: Doors) -> None:
    stranger = doors.visitor()
    for note in ("", "AAAA", "not base64 at all", "A" * 5000):
        page = await stranger.post("/share/terms", {**TYPED, "unfinished": note})
        assert page.url == "https://portal.example/"
    assert await drafts(doors) == []


async def test_a_note_is_good_for_some_hours(doors: Doors) -> None:
    patient = await half_way(doors)
    form = (await patient.get("/share/terms")).form("/share/terms").values
    doors.town.clock.pass_by(hours=3, minutes=1)
    await forget_old(doors.town.house)
    await patient.post("/share/terms", {**form, **TYPED})
    assert await drafts(doors) == []


async def test_it_is_unreadable_at_rest_and_gone_after_two_hours(doors: Doors) -> None:
    patient = await half_way(doors)
    await patient.post("/share/terms", TYPED)
    (row,) = await drafts(doors)
    assert not [word for word in (HEAD_CT.encode(), b"Dekker", b"knie") if word in row.sealed]
    doors.town.clock.pass_by(hours=2, minutes=1)
    await forget_old(doors.town.house)
    assert await drafts(doors) == []
    assert await back(doors, patient) == "/timeline"


async def test_a_draft_that_nobody_swept_yet_is_too_old_all_the_same(doors: Doors) -> None:
    patient = await half_way(doors)
    doors.town.clock.pass_by(hours=2, minutes=1)
    assert await back(doors, patient) == "/timeline"


async def test_it_is_thrown_away_by_who_signs_out_begins_anew_or_shares(doors: Doors) -> None:
    for path in ("/sign-out", "/share/anew"):
        patient = await half_way(doors)
        assert len(await drafts(doors)) == 1
        await patient.post(path)
        assert await drafts(doors) == []
    await (await doors.patient()).share()
    assert await drafts(doors) == []
