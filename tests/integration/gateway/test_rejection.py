"""A technologist takes images back: whatever comes first, nobody is given them, and a note reaches no further."""

import pytest
from tests.cast import ANNA, BRAM
from tests.hospital_images import BRAMS_CT, HEAD_CT, ISSUER, image, save
from tests.hospital_index import TODAY
from tests.hospital_notes import rejection_note

from beeldpas.database.engine import transaction
from beeldpas.formats.evidence import QUALITY, RETENTION, SAFETY
from beeldpas.gateway import notes
from beeldpas.gateway.index import held

FIRST, SECOND, THIRD = (f"{HEAD_CT}.1.{number}" for number in (1, 2, 3))


@pytest.fixture
async def noord(hospital):
    """Anna's head CT of three slices."""
    for number in (1, 2, 3):
        save(image(HEAD_CT, 1, number), hospital.files)
    await hospital.crosswalk()
    await hospital.ingest()
    return hospital


async def slices(hospital, at: int | None = None) -> set[str]:
    async with transaction(hospital.engine) as connection:
        return {one.sop_uid for study in await held(connection, [HEAD_CT], TODAY, at) for one in study.instances}


async def standing(hospital) -> dict[str, tuple[str, str]]:
    async with transaction(hospital.engine) as connection:
        return {one.sop_uid: (one.code, one.standing) for one in await notes.listing(connection)}


async def test_a_rejected_slice_is_served_no_more_nor_is_the_note(noord):
    before = await noord.generation()
    save(rejection_note(HEAD_CT, SECOND), noord.files)
    done = await noord.ingest()
    assert (done.indexed, done.skipped) == (1, [])
    assert await slices(noord) == {FIRST, THIRD}
    assert await slices(noord, before) == {FIRST, SECOND, THIRD}
    assert await standing(noord) == {SECOND: (QUALITY, "in_force")}
    again = await noord.ingest()
    assert (again.indexed, again.unchanged, again.skipped) == (0, 2, [])


async def test_the_note_comes_before_the_images(hospital):
    await hospital.crosswalk()
    save(rejection_note(HEAD_CT, SECOND), hospital.files)
    await hospital.ingest()
    assert await standing(hospital) == {SECOND: (QUALITY, "waiting")}
    for number in (1, 2, 3):
        save(image(HEAD_CT, 1, number), hospital.files)
    first = await hospital.generation() + 1
    await hospital.ingest()
    assert await slices(hospital) == await slices(hospital, first) == {FIRST, THIRD}
    assert await standing(hospital) == {SECOND: (QUALITY, "in_force")}


async def test_note_and_images_come_together_in_a_folder(hospital, tmp_path):
    await hospital.crosswalk()
    source = tmp_path / "usb"
    for number in (1, 2, 3):
        save(image(HEAD_CT, 1, number), source)
    save(rejection_note(HEAD_CT, SECOND), source)
    await hospital.ingest(source)
    assert await slices(hospital) == {FIRST, THIRD}
    again = await hospital.ingest(source)
    assert (again.indexed, again.unchanged, again.skipped) == (0, 4, [])
    assert await slices(hospital) == {FIRST, THIRD}


async def test_a_corrected_slice_comes_under_a_uid_of_its_own(noord):
    save(rejection_note(HEAD_CT, SECOND), noord.files)
    save(image(HEAD_CT, 1, 4), noord.files)
    await noord.ingest()
    assert await slices(noord) == {FIRST, THIRD, f"{HEAD_CT}.1.4"}


async def test_a_rejected_slice_sent_once_more_stays_rejected(noord):
    save(rejection_note(HEAD_CT, SECOND), noord.files)
    await noord.ingest()
    better = image(HEAD_CT, 1, 2)
    better.ImageComments = "sent once more"
    save(better, noord.files)
    await noord.ingest()
    assert await slices(noord) == {FIRST, THIRD}


async def test_everything_rejected_is_no_study_any_more(noord):
    save(rejection_note(HEAD_CT, FIRST, SECOND, THIRD, code=RETENTION), noord.files)
    await noord.ingest()
    assert await noord.served(HEAD_CT) == {}


async def test_a_note_that_is_rejected_itself_gives_the_slice_back(noord):
    note = rejection_note(HEAD_CT, SECOND)
    save(note, noord.files)
    await noord.ingest()
    between = await noord.generation()
    save(rejection_note(HEAD_CT, str(note.SOPInstanceUID), number=2), noord.files)
    await noord.ingest()
    assert await slices(noord) == {FIRST, SECOND, THIRD}
    assert await slices(noord, between) == {FIRST, THIRD}
    assert (await standing(noord))[SECOND] == (QUALITY, "withdrawn")


async def test_a_note_whose_file_is_taken_away_gives_the_slice_back(noord):
    note = save(rejection_note(HEAD_CT, SECOND), noord.files)
    await noord.ingest()
    note.unlink()
    await noord.ingest()
    assert (await slices(noord), await standing(noord)) == ({FIRST, SECOND, THIRD}, {})


async def test_what_is_gone_from_the_disk_does_not_come_back_with_its_note(noord):
    note = save(rejection_note(HEAD_CT, SECOND), noord.files)
    await noord.ingest()
    (noord.files / f"{SECOND}.dcm").unlink()
    await noord.ingest()
    note.unlink()
    await noord.ingest()
    assert await slices(noord) == {FIRST, THIRD}


async def test_notes_that_reject_each_other_both_stand(noord):
    ones = [rejection_note(HEAD_CT, SECOND, f"{HEAD_CT}.99.{3 - number}", number=number) for number in (1, 2)]
    for note in ones:
        save(note, noord.files)
    await noord.ingest()
    assert await slices(noord) == {FIRST, THIRD}


async def test_the_gravest_of_two_notes_counts(noord):
    save(rejection_note(HEAD_CT, SECOND), noord.files)
    await noord.ingest()
    save(rejection_note(HEAD_CT, SECOND, code=SAFETY, number=2), noord.files)
    await noord.ingest()
    assert await slices(noord) == {FIRST, THIRD}


async def test_a_note_reaches_no_other_study(noord):
    save(image(BRAMS_CT, 1, 1, BRAM), noord.files)
    save(rejection_note(BRAMS_CT, SECOND, person=BRAM), noord.files)
    save(rejection_note(BRAMS_CT, THIRD, person=BRAM, evidence=HEAD_CT, number=2), noord.files)
    await noord.ingest()
    assert await slices(noord) == {FIRST, SECOND, THIRD}
    assert {said for _, said in (await standing(noord)).values()} == {"foreign_study"}


async def test_a_note_in_another_patients_name_has_no_effect(noord):
    save(rejection_note(HEAD_CT, SECOND, person=BRAM), noord.files)
    await noord.ingest()
    assert await slices(noord) == {FIRST, SECOND, THIRD}
    assert (await standing(noord), await noord.withheld()) == ({SECOND: (QUALITY, "foreign_patient")}, {})


async def test_a_note_under_an_older_number_of_the_same_patient_counts_once_the_numbers_are_merged(noord):
    note = rejection_note(HEAD_CT, SECOND)
    note.PatientID = "4700"
    save(note, noord.files)
    await noord.ingest()
    assert await standing(noord) == {SECOND: (QUALITY, "foreign_patient")}
    await noord.crosswalk(f"{ISSUER},4700,,,,,4711")
    assert (await slices(noord), await standing(noord)) == ({FIRST, THIRD}, {SECOND: (QUALITY, "in_force")})


async def test_a_key_object_that_points_out_what_is_of_interest_is_given_as_ever(noord):
    save(rejection_note(HEAD_CT, SECOND, code="113000"), noord.files)
    await noord.ingest()
    assert await slices(noord) == {FIRST, SECOND, THIRD, f"{HEAD_CT}.99.1"}
    assert ANNA.name and await standing(noord) == {}
