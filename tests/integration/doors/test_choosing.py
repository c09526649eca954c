"""The first step of a share: only what is ticked, all of one year, or all; and how much that is, at each step."""

from __future__ import annotations

import pytest
from tests.portal_doors import Doors, Visitor
from tests.sharing_town import HEAD_CT, KNEE_MR

TERMS = {"for_whom": "dr. Dekker", "days": "7", "language": "nl"}


async def test_everything_is_chosen_without_a_box(doors: Doors) -> None:
    patient = await doors.patient()
    page = await patient.get("/share")
    total = len(page.form("/share/choose").options["study"])
    page = await patient.post("/share/choose", {"how": "all"})
    assert (page.url, f"U koos {total} onderzoek" in page.text) == ("https://portal.example/share/terms", True)


async def test_one_year_is_that_year_only(doors: Doors) -> None:
    patient = await doors.patient()
    form = (await patient.get("/share")).form("/share/choose")
    years = form.options["year"]
    page = await patient.post("/share/choose", {"how": "year", "year": years[0]})
    assert "Stap 2 van 3" in page.text
    page = await patient.post("/share/choose", {"how": "year", "year": "1900"})
    assert "Fout:" in page.html.partition("</title>")[0]


async def test_only_what_is_ticked_is_the_usual_way(doors: Doors) -> None:
    patient = await doors.patient()
    form = (await patient.get("/share")).form("/share/choose").values
    assert form["how"] == "ticked"
    both = {"study": [HEAD_CT, KNEE_MR], f"hospital.{HEAD_CT}": "noord", f"hospital.{KNEE_MR}": "west"}
    page = await patient.post("/share/choose", {"how": "ticked", **both})
    assert "U koos 2 onderzoeken van 2 ziekenhuizen" in page.text
    check = await patient.post("/share/terms", TERMS)
    assert "U koos 2 onderzoeken van 2 ziekenhuizen" in check.text


async def test_an_examination_is_shared_from_its_own_page(doors: Doors) -> None:
    patient = await doors.patient()
    timeline = await patient.get("/timeline")
    study = await patient.get(timeline.links_with("/studies/")[0].removeprefix("https://portal.example"))
    form = study.form("/share/choose")
    page = await patient.post(form.action, dict(form.values))
    assert page.url == "https://portal.example/share/terms"
    assert "U koos 1 onderzoek van 1 ziekenhuis" in page.text


async def test_nothing_chosen_is_said_on_the_same_page(doors: Doors) -> None:
    patient = await doors.patient()
    page = await patient.post("/share/choose", {"how": "ticked"})
    assert (page.url, "Fout:" in page.html) == ("https://portal.example/share?nothing-chosen", True)


async def test_each_line_of_the_check_page_can_be_changed_and_leads_back_to_it(doors: Doors) -> None:
    patient = await doors.patient()
    await patient.post("/share/choose", {"study": HEAD_CT, f"hospital.{HEAD_CT}": "noord"})
    check = await patient.post("/share/terms", TERMS)
    for place in ("for_whom", "days", "self_declared", "note", "language"):
        assert f'/share/terms#{place}"' in check.html
        assert f'id="{place}"' in (await patient.get("/share/terms")).html
    assert "https://portal.example/share" in check.links
    page = await patient.post("/share/choose", {"how": "ticked", "study": KNEE_MR, f"hospital.{KNEE_MR}": "west"})
    assert page.url.endswith("/share/check")


@pytest.mark.parametrize(
    ("day", "month", "year", "until"),
    [("8", "december", "2026", "8 december 2026"), ("25", "11", "2026", "25 november 2026")],
)
async def test_a_date_of_ones_own_is_three_fields(doors: Doors, day: str, month: str, year: str, until: str) -> None:
    patient = await doors.patient()
    await patient.post("/share/choose", {"study": HEAD_CT, f"hospital.{HEAD_CT}": "noord"})
    date = {"days": "other", "end_day": day, "end_month": month, "end_year": year}
    page = await patient.post("/share/terms", {**TERMS, **date})
    assert f"tot en met {until}" in page.text


@pytest.mark.parametrize("month", ["24 december 2027", "10"])
async def test_a_date_that_will_not_do_is_still_there(doors: Doors, month: str) -> None:
    patient = await doors.patient()
    await patient.post("/share/choose", {"study": HEAD_CT, f"hospital.{HEAD_CT}": "noord"})
    date = {"days": "other", "end_day": "3", "end_month": month, "end_year": "2026"}
    page = await patient.post("/share/terms", {**TERMS, **date})
    assert "Kies een datum tussen 25 november 2026 en 24 december 2026" in page.text
    assert page.form("/share/terms").values["end_month"] == month


TYPED = {"end_day": "8", "end_month": "december", "end_year": "2026"}


async def at_the_terms(doors: Doors) -> Visitor:
    """Somebody who chose a study, at the second step."""
    patient = await doors.patient()
    await patient.post("/share/choose", {"study": HEAD_CT, f"hospital.{HEAD_CT}": "noord"})
    return patient


async def test_a_date_that_is_typed_counts_as_chosen(doors: Doors) -> None:
    patient = await at_the_terms(doors)
    page = await patient.post("/share/terms", {**TERMS, "days": "14", **TYPED})
    assert "tot en met 8 december 2026" in page.text
    assert (await patient.get("/share/terms")).form("/share/terms").values["days"] == "other"


async def test_a_number_of_days_chosen_later_takes_the_place_of_a_date(doors: Doors) -> None:
    patient = await at_the_terms(doors)
    await patient.post("/share/terms", {**TERMS, "days": "other", **TYPED})
    page = await patient.post("/share/terms", {**TERMS, "days": "7", **TYPED})
    assert "tot en met 1 december 2026" in page.text
    assert (await patient.get("/share/terms")).form("/share/terms").values["end_day"] == ""


async def test_who_chose_days_and_typed_a_date_is_asked_until_one_of_them_is_gone(doors: Doors) -> None:
    patient = await at_the_terms(doors)
    for _ in range(2):
        page = await patient.post("/share/terms", {**TERMS, "days": "7", **TYPED})
        assert "Kies een aantal dagen, of vul een datum in" in page.text
        form = page.form("/share/terms").values
        assert (form["days"], form["end_month"]) == ("7", "december")
    page = await patient.post("/share/terms", {**TERMS, "days": "7"})
    assert "tot en met 1 december 2026" in page.text
