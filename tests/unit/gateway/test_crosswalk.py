"""Whose local number is whose, and what is withheld because nobody can be sure."""

from dataclasses import replace
from io import StringIO

import pytest
from tests.cast import ANNA, BRAM, Person

from beeldpas.domain.errors import Malformed
from beeldpas.formats.dicom import Identity
from beeldpas.gateway.crosswalk import COLUMNS, Patient, combine, read_csv, reason_to_withhold, survivor

HOUSE = "ZH-NOORD"


def patient(number: str, person: Person = ANNA, merged_into: str = "") -> Patient:
    return Patient(HOUSE, number, person.bsn, person.birth_date, person.name, person.sex, merged_into)


def header(person: Person = ANNA, **changed: object) -> Identity:
    return replace(Identity("4711", HOUSE, person.name, person.birth_date, person.sex), **changed)


def line(number: str, person: Person = ANNA, merged_into: str = "") -> str:
    bsn = "" if merged_into else person.bsn.reveal()
    return f"{HOUSE},{number},{bsn},{person.birth_date},{person.name},{person.sex},{merged_into}\n"


def read(*lines: str):
    return read_csv(StringIO(",".join(COLUMNS) + "\n" + "".join(lines)))


KNOWN = {one.number: one for one in (patient("4711"), patient("8022", BRAM))}


def withheld(known: dict, number: str, head: Identity, mixed: bool = False) -> str:
    return reason_to_withhold(known, (HOUSE, number), head, mixed)


def test_a_file_of_master_data_is_read():
    patients, faults = read(line("4711"), line("8022", BRAM))
    assert (patients, faults) == (KNOWN, ())


def test_two_patients_with_one_local_number_are_both_set_aside():
    patients, faults = read(line("4711"), line("4711", BRAM), line("4711"))
    found = patients[HOUSE, "4711"]
    assert (found.bsn, found.disputed) == (None, True)
    assert [(fault.line, fault.reason) for fault in faults] == [
        (3, "two_patients_one_number"),
        (4, "two_patients_one_number"),
    ]
    assert withheld(patients, "4711", header()) == "two_patients_one_number"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (f"{HOUSE},,999990019,,,,\n", "crosswalk_number"),
        (f"{HOUSE},1,,,,,\n", "crosswalk_bsn"),
        (f"{HOUSE},1,123456789,,,,\n", "bsn"),
        (f"{HOUSE},1,999990019,3 maart 1952,,,\n", "crosswalk_birth_date"),
    ],
)
def test_a_line_that_cannot_be_used_is_named_and_the_rest_is_kept(row, reason):
    patients, faults = read(row, line("8022", BRAM))
    assert [(fault.line, fault.reason) for fault in faults] == [(2, reason)]
    assert list(patients) == [(HOUSE, "8022")]


def test_a_file_without_the_columns_is_refused():
    with pytest.raises(Malformed, match="crosswalk_columns"):
        read_csv(StringIO("nummer,bsn\n1,999990019\n"))


def test_a_merged_number_belongs_to_the_survivor():
    patients, _ = read(line("4711"), line("100", merged_into="200"), line("200", merged_into="4711"))
    assert survivor(patients, (HOUSE, "100")) == patients[HOUSE, "4711"]
    assert withheld(patients, "100", header()) == ""


def test_merges_in_a_circle_lead_nowhere():
    patients, _ = read(line("100", merged_into="200"), line("200", merged_into="100"))
    assert survivor(patients, (HOUSE, "100")) is None
    assert withheld(patients, "100", header()) == "unmapped"


def test_a_number_that_becomes_another_patients_is_disputed_until_it_is_corrected():
    new = {(HOUSE, "4711"): patient("4711", BRAM)}
    assert combine(KNOWN, new, correct=False)[HOUSE, "4711"].disputed
    assert combine(KNOWN, new, correct=True) == new


def test_a_disputed_number_stays_so_until_it_is_corrected():
    disputed = {(HOUSE, "4711"): replace(patient("4711"), bsn=None, disputed=True)}
    new = {(HOUSE, "4711"): patient("4711")}
    assert combine(disputed, new, correct=False) == {}
    assert combine(disputed, new, correct=True) == new


def test_the_same_master_data_again_changes_nothing():
    assert combine(KNOWN, KNOWN, correct=False) == {}


def test_a_merge_that_comes_in_later_is_no_dispute():
    merged = {(HOUSE, "8022"): replace(patient("8022", BRAM), bsn=None, merged_into="8023")}
    assert combine(KNOWN, merged, correct=False) == merged


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (header(), ""),
        (header(birth_date=None, sex="", name=""), ""),
        (header(sex="O"), ""),
        (header(birth_date=BRAM.birth_date), "birth_date_differs"),
        (header(sex="M"), "sex_differs"),
        (header(name="Bakker^Anna"), "name_differs"),
        (header(name="JANSEN-DE VRIES^A"), ""),
        (header(name="Jansén^Anna=^"), ""),
        (header(name="^Anna"), ""),
    ],
)
def test_a_header_may_be_silent_but_not_contradict(head, reason):
    assert withheld(KNOWN, "4711", head) == reason


def test_a_prefix_in_common_is_no_name_in_common():
    known = {(HOUSE, "1"): replace(patient("1"), name="van den Berg^Anna")}
    assert withheld(known, "1", header(name="van den Broek^Anna")) == "name_differs"
    assert withheld(known, "1", header(name="Berg, van den^Anna")) == ""


def test_what_nobody_mapped_or_two_patients_share_is_withheld():
    assert withheld(KNOWN, "0000", header()) == "unmapped"
    assert withheld(KNOWN, "4711", header(), mixed=True) == "two_patients_in_study"


def test_a_patient_shows_no_bsn():
    assert ANNA.bsn.reveal() not in repr(KNOWN)
