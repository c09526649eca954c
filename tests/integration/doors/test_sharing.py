"""The patient's way from the list to a share, and what a browser may do wrong on it."""

from __future__ import annotations

import json

import pytest
from tests.cast import BRAM
from tests.portal_doors import Doors
from tests.sharing_town import HEAD_CT, KNEE_MR

from beeldpas.portal.store.tables import share


async def test_a_study_at_two_hospitals_stands_once_with_its_maker_chosen(doors: Doors) -> None:
    timeline = await (await doors.patient()).get("/timeline")
    form = timeline.form("/share/choose")
    assert form.options["study"].count(KNEE_MR) == 1
    assert form.values[f"hospital.{KNEE_MR}"] == "west"
    assert form.options[f"hospital.{KNEE_MR}"] == ["west", "zuid"]


async def test_no_study_uid_stands_in_an_address(doors: Doors) -> None:
    patient = await doors.patient()
    page = await patient.get("/timeline")
    assert not [link for link in page.links if HEAD_CT in link]
    first = page.links_with("/studies/")[0]
    other = await (await doors.patient()).get("/timeline")
    assert first not in other.links


async def test_the_check_page_names_everything_that_leaves(doors: Doors) -> None:
    patient = await doors.patient()
    await patient.post("/share/choose", {"study": HEAD_CT, f"hospital.{HEAD_CT}": "noord"})
    page = await patient.post("/share/terms", {"for_whom": "dr. Dekker", "days": "7", "language": "nl"})
    for said in (
        "Ziekenhuis Noord",
        "axiaal : 12 beelden",
        "Verslag: Verslag",
        "Anna Jansen",
        "8 maart 1952",
        "4711",
    ):
        assert said in page.text
    assert "tot en met 1 december 2026" in page.text


async def test_pressing_twice_makes_one_share(doors: Doors) -> None:
    patient = await doors.patient()
    await patient.post("/share/choose", {"study": HEAD_CT, f"hospital.{HEAD_CT}": "noord"})
    check = await patient.post("/share/terms", {"for_whom": "dr. Dekker", "days": "7", "language": "nl"})
    fields = dict(check.form("/share/make").values)
    first = await patient.post("/share/make", fields)
    second = await patient.post("/share/make", fields)
    assert first.url == second.url
    assert first.marked("pin") == second.marked("pin")
    assert len(await doors.town.rows(share, share.c.share_id == first.url.split("/")[-2])) == 1


async def test_a_check_page_of_another_tab_makes_nothing(doors: Doors) -> None:
    patient = await doors.patient()
    await patient.post("/share/choose", {"study": HEAD_CT, f"hospital.{HEAD_CT}": "noord"})
    check = await patient.post("/share/terms", {"for_whom": "dr. Dekker", "days": "7", "language": "nl"})
    await patient.post("/share/choose", {"study": KNEE_MR, f"hospital.{KNEE_MR}": "west"})
    page = await patient.post("/share/make", dict(check.form("/share/make").values))
    assert (page.status, "<h1>Deze pagina is niet meer actueel</h1>" in page.html) == (409, True)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"for_whom": " "}, "Vul in voor wie het is"),
        ({"days": "31"}, "Kies een datum tussen 25 november 2026 en 24 december 2026"),
        ({"days": "other", "end_day": "24", "end_month": "11", "end_year": "2026"}, "tussen 25 november"),
        ({"days": "other", "end_day": "31", "end_month": "2", "end_year": "2027"}, "tussen 25 november"),
        ({"note": "x" * 501}, "De tekst mag ten hoogste 500 tekens lang zijn"),
    ],
)
async def test_what_is_wrong_is_said_at_the_field_and_nothing_is_lost(
    doors: Doors, fields: dict[str, str], said: str
) -> None:
    patient = await doors.patient()
    await patient.post("/share/choose", {"study": HEAD_CT, f"hospital.{HEAD_CT}": "noord"})
    form = {"for_whom": "dr. <i>Dekker</i>", "days": "7", "language": "nl", "note": "Mijn knie", **fields}
    page = await patient.post("/share/terms", form)
    assert said in page.text
    kept = page.form("/share/terms").values
    assert kept["for_whom"] == form["for_whom"].strip()
    assert f">{form['note']}</textarea>" in page.html
    assert "<i>" not in page.html


async def test_a_hospital_that_does_not_answer_can_be_left_out(doors: Doors) -> None:
    patient = await doors.patient()
    both = {"study": [HEAD_CT, KNEE_MR], f"hospital.{HEAD_CT}": "noord", f"hospital.{KNEE_MR}": "west"}
    await patient.post("/share/choose", both)
    doors.town.hospitals.silent.add("west")
    page = await patient.post("/share/terms", {"for_whom": "dr. Dekker", "days": "7", "language": "nl"})
    assert "Ziekenhuis West kan nu niet zeggen wat er wordt gedeeld" in page.text
    page = await patient.post("/share/without", dict(page.form("/share/without").values))
    assert "Ziekenhuis West" not in page.text
    assert page.form("/share/make")


async def test_what_a_hospital_took_away_meanwhile_is_said_and_left_out(doors: Doors) -> None:
    patient = await doors.patient()
    both = {"study": [HEAD_CT, KNEE_MR], f"hospital.{HEAD_CT}": "noord", f"hospital.{KNEE_MR}": "west"}
    await patient.post("/share/choose", both)
    del doors.town.hospitals.holds["west"][KNEE_MR]
    page = await patient.post("/share/terms", {"for_whom": "dr. Dekker", "days": "7", "language": "nl"})
    assert "Eén onderzoek is er niet meer" in page.text
    made = await patient.post("/share/make", dict(page.form("/share/make").values))
    assert "<h1>U heeft toegang gegeven</h1>" in made.html


async def test_code_and_pin_are_gone_after_a_quarter_of_an_hour_or_when_stopped(doors: Doors) -> None:
    patient = await doors.patient()
    share_id, code, pin, _ = await patient.share()
    await patient.post(f"/shares/{share_id}/stop")
    page = await patient.get(f"/shares/{share_id}/code")
    assert "<h1>De code en pincode zijn niet meer te zien</h1>" in page.html
    assert code.reveal()[:4] not in page.text
    assert pin.reveal() not in page.text.replace(" ", "")


async def test_a_new_code_kills_the_old_one(doors: Doors) -> None:
    patient = await doors.patient()
    share_id, code, pin, _ = await patient.share()
    page = await patient.post(f"/shares/{share_id}/new-code")
    assert "<h1>U heeft een nieuwe code</h1>" in page.html
    assert "Wij kennen deze toegangscode niet" in (await doors.visitor().redeem(code, pin)).text


async def test_somebody_elses_share_is_not_there(doors: Doors) -> None:
    share_id = (await (await doors.patient()).share())[0]
    bram = await doors.patient(BRAM)
    for path in ("", "/code", "/letter.pdf", "/stop", "/new-code"):
        assert (await bram.get(f"/shares/{share_id}{path}")).status == 404
    assert (await bram.post(f"/shares/{share_id}/stop")).status == 404


async def test_a_second_organisation_waits_for_the_patients_tap(doors: Doors) -> None:
    patient = await doors.patient()
    share_id, code, pin, _ = await patient.share()
    await doors.visitor().redeem(code, pin)
    second = doors.visitor()
    page = await second.redeem(code, pin, organisation="Ziekenhuis Oost")
    assert "<h1>Een andere organisatie gebruikt deze toegang al</h1>" in page.html
    assert "Kliniek De Linde" not in page.text
    mine = await patient.get(f"/shares/{share_id}")
    assert "Ziekenhuis Oost heeft uw code en pincode gebruikt" in mine.text
    allow = next(form for form in mine.forms if form.action.endswith("/allow"))
    answered = await patient.post(allow.action)
    assert "Deze organisatie mag uw beelden nu ook openen." in answered.text
    kept = await second.get("/s")
    assert "U vulde de pincode al in" in kept.text
    page = await second.post("/s", {**kept.form("/s", having="pin").values, "pin": ""})
    assert "/provider/shares/" in page.url


async def test_own_images_lead_to_the_hospital_with_a_one_time_code(doors: Doors) -> None:
    patient = await doors.patient()
    timeline = await patient.get("/timeline")
    study = await patient.get(timeline.links_with("/studies/")[0].removeprefix("https://portal.example"))
    form = study.form("/download")
    page = await patient.post(form.action, dict(form.values), follow=False)
    assert page.status == 303
    assert page.headers["location"].startswith("https://")
    assert ".example/download?code=" in page.headers["location"]
    elsewhere = await patient.post(form.action, {"hospital": "nowhere"}, follow=False)
    assert elsewhere.status == 404


async def test_the_log_is_there_for_people_and_for_machines(doors: Doors) -> None:
    patient = await doors.patient()
    _, code, pin, _ = await patient.share()
    await doors.visitor().redeem(code, pin)
    page = await patient.get("/log")
    assert "Iemand die zegt van Kliniek De Linde te zijn (niet gecontroleerd) heeft om" in page.text
    assert "de code en pincode ingevuld en uw beelden geopend, op grond van uw toegang" in page.text
    assert "zelf opgegeven, niet gecontroleerd" in page.text
    assert "U gaf om" not in page.text
    assert "toegang tot 3 onderzoeken" in (await patient.get("/log?whose=all")).text
    lines = json.loads((await patient.get("/log.json")).html)
    assert {line["action"] for line in lines} >= {"sign_in", "make_share", "redeem_share", "view_share"}
    assert code.reveal() not in json.dumps(lines)
