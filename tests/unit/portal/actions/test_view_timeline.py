"""A patient sees their history; the question says who asks, and the look is recorded before anything is shown."""

import pytest
from tests.cast import ANNA, BRAM
from tests.sharing_town import CHEST_CR, HEAD_CT, KNEE_MR, PORTAL, Town

from beeldpas.domain.errors import NotFound
from beeldpas.portal.actions.view_timeline import view_timeline
from beeldpas.portal.store.tables import access_log


async def test_a_patient_sees_all_their_studies(town: Town) -> None:
    timeline = await view_timeline(town.house, await town.patient(), ANNA.bsn)
    assert {study.uid for study in timeline.studies} == {HEAD_CT, KNEE_MR, CHEST_CR}
    assert timeline.missing == ()


async def test_a_late_hospital_is_named_and_logged(town: Town) -> None:
    town.hospitals.silent.add("zuid")
    anna = await town.patient()
    timeline = await view_timeline(town.house, anna, ANNA.bsn)
    assert [source.name for source in timeline.missing] == ["zuid"]
    row = (await town.rows(access_log, access_log.c.patient == anna.subject))[0]
    assert '"found":3' in row.record
    assert '"missing":["zuid"]' in row.record


async def test_the_question_names_asker_organisation_purpose_and_basis_but_no_bsn(town: Town) -> None:
    anna = await town.patient()
    await view_timeline(town.house, anna, ANNA.bsn)
    asked = town.registry.asked[0]
    assert (asked.asker, asked.organisation, asked.purpose, asked.basis) == ("patient", PORTAL, "PATRQT", "own")
    assert ANNA.bsn.reveal() not in asked.subject
    assert asked.subject not in anna.subject


async def test_a_session_of_one_patient_opens_no_other_history(town: Town) -> None:
    bram = await town.patient(BRAM)
    with pytest.raises(NotFound):
        await view_timeline(town.house, bram, ANNA.bsn)
    assert town.registry.asked == []
    anna = (await town.patient()).subject
    assert await town.rows(access_log, access_log.c.patient == anna) == []
    assert len([row for row in await town.rows(access_log) if bram.subject in row.record]) == 1
