"""A study changes after it was shared: its patient and the care provider read how much, and what is gone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.portal_doors import Doors
from tests.sharing_town import HEAD_CT

from beeldpas.portal.registries.held import StudyChanges

SAID = {
    "nl": "2 beelden ingetrokken door het ziekenhuis, 1 verslag vernieuwd, 1 beeld toegevoegd",
    "en": "2 images withdrawn by the hospital, 1 report renewed, 1 image added",
}
SINCE = {"nl": "Gewijzigd sinds u dit deelde:", "en": "Changed since you shared this:"}


def change(doors: Doors, changes: StudyChanges) -> None:
    held = doors.town.hospitals.holds["noord"]
    held[HEAD_CT] = replace(held[HEAD_CT], changed=changes)


@pytest.mark.parametrize("language", ["nl", "en"])
async def test_both_read_how_much_changed_since_the_patient_confirmed(doors: Doors, language: str) -> None:
    patient = await doors.patient(language=language)
    doors.town.hospitals.generation = 12
    share_id, code, pin, _ = await patient.share()
    provider = doors.visitor(language)
    opened = await provider.redeem(code, pin)
    before = await patient.get(f"/shares/{share_id}")
    assert SAID[language] not in opened.text + before.text
    doors.town.hospitals.generation = 15
    change(doors, StudyChanges(added=1, withdrawn=2, corrected=0, amended=1))
    doors.town.hospitals.confirmed.clear()
    mine, theirs = await patient.get(f"/shares/{share_id}"), await provider.get(f"/provider/shares/{share_id}")
    assert SAID[language] in mine.text and SINCE[language] in mine.text
    assert SAID[language] in theirs.text
    assert set(doors.town.hospitals.confirmed) >= {("noord", 12)}


async def test_what_did_not_change_is_not_labelled_however_many_there_are(doors: Doors) -> None:
    patient = await doors.patient()
    share_id, code, pin, _ = await patient.share()
    change(doors, StudyChanges(0, 0, 0, 0))
    provider = await doors.visitor().redeem(code, pin)
    assert "Gewijzigd" not in provider.text + (await patient.get(f"/shares/{share_id}")).text


async def test_a_study_that_the_hospital_gives_no_more_is_said_to_be_gone(doors: Doors) -> None:
    patient = await doors.patient()
    share_id, *_ = await patient.share()
    del doors.town.hospitals.holds["noord"][HEAD_CT]
    page = await patient.get(f"/shares/{share_id}")
    assert page.text.count("Het ziekenhuis geeft dit onderzoek niet meer") == 1


async def test_a_hospital_that_does_not_answer_labels_nothing_and_keeps_no_page_back(doors: Doors) -> None:
    patient = await doors.patient()
    share_id, *_ = await patient.share()
    doors.town.hospitals.silent.update(("noord", "west", "zuid"))
    page = await patient.get(f"/shares/{share_id}")
    assert page.status == 200 and "niet meer" not in page.text


async def test_of_a_share_that_was_stopped_no_hospital_is_asked(doors: Doors) -> None:
    patient = await doors.patient()
    share_id, *_ = await patient.share()
    await patient.post(f"/shares/{share_id}/stop")
    doors.town.hospitals.asked.clear()
    assert (await patient.get(f"/shares/{share_id}")).status == 200
    assert doors.town.hospitals.asked == []
