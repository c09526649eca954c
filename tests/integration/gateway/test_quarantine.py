"""What nobody can be sure of is withheld: with a reason, from everybody, until the master data says otherwise."""

from dataclasses import replace

import pytest
from tests import hospital_images
from tests.cast import ANNA, BRAM
from tests.hospital_images import HEAD_CT, ISSUER, image, save


async def test_what_nobody_mapped_is_withheld_until_somebody_does(hospital):
    save(image(HEAD_CT, 1, 1), hospital.files)
    await hospital.ingest()
    assert (await hospital.withheld(), await hospital.served(HEAD_CT)) == ({HEAD_CT: "unmapped"}, {})
    await hospital.crosswalk()
    assert (await hospital.withheld(), await hospital.served(HEAD_CT)) == ({}, {HEAD_CT: 1})


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        (replace(ANNA, birth_date=BRAM.birth_date), "birth_date_differs"),
        (replace(ANNA, sex="M"), "sex_differs"),
        (replace(ANNA, name="Willems^Anna"), "name_differs"),
    ],
)
async def test_a_header_that_contradicts_the_master_data_is_withheld(hospital, person, reason, monkeypatch):
    monkeypatch.setitem(hospital_images.NUMBERS, person.name, "4711")
    save(image(HEAD_CT, 1, 1, person), hospital.files)
    await hospital.crosswalk()
    await hospital.ingest()
    assert await hospital.withheld() == {HEAD_CT: reason}


async def test_two_patients_with_one_local_number(hospital):
    save(image(HEAD_CT, 1, 1), hospital.files)
    await hospital.crosswalk(f"{ISSUER},4711,{BRAM.bsn.reveal()},{BRAM.birth_date},{BRAM.name},{BRAM.sex},")
    await hospital.ingest()
    assert await hospital.withheld() == {HEAD_CT: "two_patients_one_number"}
    await hospital.crosswalk()
    assert await hospital.withheld() == {HEAD_CT: "two_patients_one_number"}
    await hospital.crosswalk(correct=True)
    assert await hospital.served(HEAD_CT) == {HEAD_CT: 1}


async def test_a_file_of_another_patient_in_a_study_withholds_it_until_it_is_gone(hospital):
    save(image(HEAD_CT, 1, 1), hospital.files)
    wrong = save(image(HEAD_CT, 1, 2, BRAM), hospital.files)
    await hospital.crosswalk()
    await hospital.ingest()
    assert await hospital.withheld() == {HEAD_CT: "two_patients_in_study"}
    wrong.unlink()
    await hospital.ingest()
    assert (await hospital.withheld(), await hospital.served(HEAD_CT)) == ({}, {HEAD_CT: 1})


async def test_a_merged_number_is_the_survivors(hospital):
    save(image(HEAD_CT, 1, 1), hospital.files)
    await hospital.crosswalk(f"{ISSUER},4711,,,,,4712", people=(BRAM,))
    await hospital.ingest()
    assert await hospital.withheld() == {HEAD_CT: "unmapped"}
    await hospital.crosswalk(
        f"{ISSUER},4711,,,,,4712",
        f"{ISSUER},4712,{ANNA.bsn.reveal()},{ANNA.birth_date},{ANNA.name},F,",
        people=(BRAM,),
    )
    assert await hospital.served(HEAD_CT) == {HEAD_CT: 1}
