"""Anna's head CT lives on after she shared it: what changed, since when, and what must not be given out any more."""

from dataclasses import replace

import pytest
from tests.cast import ANNA, BRAM
from tests.hospital_images import HEAD_CT, ISSUER, image, pdf_report, save, structured_report
from tests.hospital_index import TODAY
from tests.hospital_notes import moved_to, rejection_note, replaces

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import Conflict
from beeldpas.formats.evidence import SAFETY
from beeldpas.gateway import amendments, changes
from beeldpas.gateway.changes import StudyChanges

FIRST, SECOND, THIRD = (f"{HEAD_CT}.1.{number}" for number in (1, 2, 3))
TO_BRAM = f"{ISSUER},4711,{BRAM.bsn.reveal()},{BRAM.birth_date},{ANNA.name},{BRAM.sex},"


@pytest.fixture
async def noord(hospital):
    for number in (1, 2):
        save(image(HEAD_CT, 1, number), hospital.files)
    await hospital.crosswalk()
    await hospital.ingest()
    return hospital


async def changed(hospital, earlier: int) -> list[StudyChanges]:
    now = await hospital.generation()
    async with transaction(hospital.engine) as connection:
        return list(await changes.between(connection, [HEAD_CT], earlier, now, TODAY))


async def barred(hospital, confirmed: int | None) -> bool:
    async with transaction(hospital.engine) as connection:
        return HEAD_CT in await changes.not_for(connection, [HEAD_CT], confirmed)


async def can_resume(hospital, at: int) -> bool:
    async with transaction(hospital.engine) as connection:
        try:
            await changes.require_unchanged(connection, [HEAD_CT], at, TODAY)
        except Conflict:
            return False
    return True


async def test_a_study_grows_and_a_running_download_goes_on(noord):
    then = await noord.generation()
    save(image(HEAD_CT, 1, 3), noord.files)
    await noord.ingest()
    assert await changed(noord, then) == [StudyChanges(HEAD_CT, added=(THIRD,))]
    assert await can_resume(noord, then)


async def test_a_slice_is_corrected_where_it_lies(noord):
    then = await noord.generation()
    better = image(HEAD_CT, 1, 2)
    better.SeriesDescription = "corrected"
    save(better, noord.files)
    await noord.ingest()
    assert await changed(noord, then) == [StudyChanges(HEAD_CT, corrected=(SECOND,))]
    assert not await can_resume(noord, then)


async def test_rejected_replaced_and_given_back(noord):
    then = await noord.generation()
    note = save(rejection_note(HEAD_CT, SECOND, code=SAFETY), noord.files)
    save(image(HEAD_CT, 1, 3), noord.files)
    await noord.ingest()
    rejected = await noord.generation()
    assert await changed(noord, then) == [StudyChanges(HEAD_CT, added=(THIRD,), rejected=((SECOND, SAFETY),))]
    assert (await can_resume(noord, then), await can_resume(noord, rejected)) == (False, True)
    note.unlink()
    await noord.ingest()
    assert await changed(noord, then) == [StudyChanges(HEAD_CT, added=(THIRD,))]
    assert await changed(noord, rejected) == [StudyChanges(HEAD_CT, added=(SECOND,))]
    assert not await can_resume(noord, then)


async def test_what_came_and_went_in_between_is_no_change(noord):
    then = await noord.generation()
    extra = save(image(HEAD_CT, 1, 3), noord.files)
    await noord.ingest()
    extra.unlink()
    await noord.ingest()
    assert await changed(noord, then) == []


async def test_a_slice_that_is_gone_from_the_disk(noord):
    then = await noord.generation()
    (noord.files / f"{SECOND}.dcm").unlink()
    await noord.ingest()
    assert await changed(noord, then) == [StudyChanges(HEAD_CT, gone=(SECOND,))]
    assert not await can_resume(noord, then)


async def test_an_amended_report_says_itself_what_it_replaces(noord):
    old = structured_report(HEAD_CT, 4)
    save(old, noord.files)
    await noord.ingest()
    then = await noord.generation()
    new = replaces(structured_report(HEAD_CT, 5), str(old.SOPInstanceUID))
    save(new, noord.files)
    await noord.ingest()
    pair = (str(old.SOPInstanceUID), str(new.SOPInstanceUID))
    assert await changed(noord, then) == [StudyChanges(HEAD_CT, amended=(pair,))]
    async with transaction(noord.engine) as connection:
        assert await amendments.replaced(connection, [HEAD_CT], TODAY) == dict([pair])
        assert await amendments.replaced(connection, [HEAD_CT], TODAY, then) == {}


async def test_of_two_pdfs_with_one_title_the_later_one_counts(noord):
    old, new, other = (pdf_report(HEAD_CT, 3) for _ in range(3))
    new.SOPInstanceUID, new.ContentDate, new.ContentTime = f"{HEAD_CT}.3.2", "20260504", "090000"
    new.file_meta.MediaStorageSOPInstanceUID = new.SOPInstanceUID
    old.ContentDate, old.ContentTime = "20260503", "110000"
    other.SOPInstanceUID, other.DocumentTitle, other.ContentDate = f"{HEAD_CT}.3.3", "Dosisrapport", "20260501"
    other.file_meta.MediaStorageSOPInstanceUID = other.SOPInstanceUID
    for report in (new, old, other):
        save(report, noord.files)
    await noord.ingest()
    async with transaction(noord.engine) as connection:
        found = await amendments.replaced(connection, [HEAD_CT], TODAY)
    assert found == {str(old.SOPInstanceUID): str(new.SOPInstanceUID)}


async def test_a_study_moves_to_another_patient_in_the_master_data(noord):
    then = await noord.generation()
    assert not await barred(noord, then)
    await noord.crosswalk(TO_BRAM.replace("Jansen^Anna", "Jansen^Bram"), people=(BRAM,), correct=True)
    assert await noord.withheld() == {HEAD_CT: "birth_date_differs"}
    for number in (1, 2):
        save(moved_to(image(HEAD_CT, 1, number), BRAM), noord.files)
    await noord.ingest()
    assert await noord.served(HEAD_CT) == {HEAD_CT: 2}
    assert (await barred(noord, then), await barred(noord, None)) == (True, True)
    assert not await barred(noord, await noord.generation())
    assert not await can_resume(noord, then)


async def test_a_study_that_is_only_in_doubt_for_a_while_is_not_lost_to_the_share(noord):
    then = await noord.generation()
    await noord.crosswalk(people=(replace(ANNA, birth_date=BRAM.birth_date), BRAM), correct=True)
    assert (await noord.served(HEAD_CT), await can_resume(noord, then)) == ({}, False)
    await noord.crosswalk(correct=True)
    assert (await noord.served(HEAD_CT), await can_resume(noord, then)) == ({HEAD_CT: 2}, True)
    assert not await barred(noord, then)
