"""A study of a hospital that the directory does not know, or knows otherwise: told of, with the reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import pytest
from tests.cast import NOORD, WEST
from tests.portal_doors import Doors, Visitor
from tests.sharing_town import CHEST_CR, HEAD_CT, HOSPITALS, previewed, study

from beeldpas.domain.study import Elsewhere, Study
from beeldpas.domain.timeline import History, merge
from beeldpas.formats.found import Found, FoundPlace, FoundStudy
from beeldpas.portal.directory import Directory
from beeldpas.portal.registries.placing import placed

OOST = "Ziekenhuis Oost"
PLACES = {
    "unknown": FoundPlace(OOST, "https://oost.example/dicom-web", "90000199"),
    "contradicted": FoundPlace(OOST, "https://oost.example/dicom-web", NOORD.ura),
}
REASONS = {"unknown": "doet niet mee met deze dienst", "contradicted": "klopt niet met onze gegevens"}
Why = Literal["unknown", "contradicted"]


def told_of(why: Why, *also: FoundPlace) -> Study:
    """What a registry's claim of a study becomes."""
    bare = replace(study(HEAD_CT, NOORD), holdings=())
    found = FoundStudy(bare, (PLACES[why], *also), origin=False, custodian="")
    (one,) = placed(Found((found,)), Directory(HOSPITALS)).studies
    return one


def tell(doors: Doors, *studies: Study) -> None:
    known = doors.town.registry.studies
    doors.town.registry.studies = dict.fromkeys(known, studies)


async def held_then_told_of(doors: Doors, patient: Visitor, why: Why) -> str:
    """The address of a study's page, from when a hospital of the directory had it."""
    tell(doors, study(HEAD_CT, NOORD))
    (address,) = (await patient.get("/timeline")).links_with("/studies/")
    tell(doors, told_of(why), study(CHEST_CR, NOORD))
    doors.town.hospitals.asked.clear()
    return address.removeprefix("https://portal.example")


@pytest.mark.parametrize("why", PLACES)
async def test_it_stands_in_the_history_with_the_reason_and_nothing_to_press(doors: Doors, why: Why) -> None:
    tell(doors, told_of(why), study(CHEST_CR, NOORD))
    page = await (await doors.patient()).get("/timeline")
    assert OOST in page.text and REASONS[why] in page.text and "Vraag dit ziekenhuis zelf om uw beelden" in page.text
    assert page.form("/share/choose").options["study"] == [CHEST_CR]
    assert HEAD_CT not in page.html and "oost.example" not in page.html
    assert len(page.links_with("/studies/")) == 1


@pytest.mark.parametrize("why", PLACES)
async def test_nobody_can_be_made_to_open_or_download_it(doors: Doors, why: Why) -> None:
    patient = await doors.patient()
    address = await held_then_told_of(doors, patient, why)
    assert (await patient.get(address)).status == 404
    for hospital in ("oost", "noord", "west", ""):
        for deed in ("view", "download"):
            assert (await patient.post(f"{address}/{deed}", {"hospital": hospital})).status == 404
    assert {at for at, _ in doors.town.hospitals.asked} <= {"noord"}


@pytest.mark.parametrize("hospital", ["oost", "noord", "", "https://oost.example"])
@pytest.mark.parametrize("how", ["ticked", "all", "year"])
async def test_a_forged_choice_shares_nothing_of_it(doors: Doors, how: str, hospital: str) -> None:
    tell(doors, told_of("unknown"), study(CHEST_CR, NOORD))
    patient = await doors.patient()
    forged: dict[str, Any] = {"study": HEAD_CT, f"hospital.{HEAD_CT}": hospital, "how": how, "year": "2026"}
    await patient.post("/share/choose", forged)
    await patient.post("/share/terms", {"for_whom": "dr. Dekker", "days": "7", "language": "nl"})
    check = await patient.get("/share/check")
    can_be_made = check.url.endswith("/share/check") and any(
        form.action.endswith("/share/make") for form in check.forms
    )
    assert can_be_made == (how != "ticked")  # the rest of what was chosen is shared: one study of Noord
    assert not (can_be_made and OOST in check.text)
    assert {at for at, _ in doors.town.hospitals.asked} <= {"noord"}


async def test_a_copy_elsewhere_stands_beside_the_hospital_that_can_be_asked(doors: Doors) -> None:
    west = HOSPITALS[1]
    doors.town.hospitals.holds["west"][HEAD_CT] = previewed(HEAD_CT)
    tell(doors, told_of("unknown", FoundPlace(WEST.name, f"{west.base_url}/dicom-web", WEST.ura)))
    page = await (await doors.patient()).get("/timeline")
    assert REASONS["unknown"] in page.text
    form = page.form("/share/choose")
    assert (form.options["study"], form.values[f"hospital.{HEAD_CT}"]) == ([HEAD_CT], "west")


def test_a_hospital_that_another_registry_places_well_is_not_elsewhere() -> None:
    wrong = replace(study(HEAD_CT, NOORD), holdings=(), elsewhere=(Elsewhere(OOST, NOORD.ura, "contradicted"),))
    histories = [History((wrong,)), History((study(HEAD_CT, NOORD),))]
    for order in (histories, histories[::-1]):
        (one,) = merge(order).studies
        assert (len(one.holdings), one.besides) == (1, ())
