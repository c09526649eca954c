"""What a document says of other instances: a rejection note by its title, an amended report by its predecessors."""

import pytest
from tests.hospital_images import HEAD_CT, image, structured_report
from tests.hospital_notes import rejection_note, replaces

from beeldpas.formats.evidence import QUALITY, RETENTION, SAFETY, WORKLIST, Named, predecessors_of, rejection_of

SLICE = f"{HEAD_CT}.1.2"


@pytest.mark.parametrize("code", [QUALITY, SAFETY, WORKLIST, RETENTION])
def test_a_note_says_why_and_what(code):
    said = rejection_of(rejection_note(HEAD_CT, SLICE, f"{HEAD_CT}.1.3", code=code))
    assert said is not None
    assert (said.code, said.named) == (code, (Named(HEAD_CT, SLICE), Named(HEAD_CT, f"{HEAD_CT}.1.3")))


def test_what_is_of_interest_or_an_image_rejects_nothing():
    assert rejection_of(rejection_note(HEAD_CT, SLICE, code="113000")) is None
    assert rejection_of(image(HEAD_CT, 1, 1)) is None


def test_a_code_of_somebody_elses_scheme_is_another_code():
    note = rejection_note(HEAD_CT, SLICE)
    note.ConceptNameCodeSequence[0].CodingSchemeDesignator = "99LOCAL"
    assert rejection_of(note) is None


def test_a_note_that_names_nothing_readable_rejects_nothing_and_breaks_nothing():
    note = rejection_note(HEAD_CT, "0")
    assert rejection_of(note) is not None and rejection_of(note).named == ()
    del note.CurrentRequestedProcedureEvidenceSequence
    assert rejection_of(note).named == ()
    note.ConceptNameCodeSequence = []
    assert rejection_of(note) is None


def test_an_instance_named_twice_counts_once():
    assert len(rejection_of(rejection_note(HEAD_CT, SLICE, SLICE)).named) == 1


def test_a_report_names_its_predecessors():
    report = structured_report(HEAD_CT, 5)
    del report.PredecessorDocumentsSequence
    assert predecessors_of(report) == ()
    assert predecessors_of(replaces(report, f"{HEAD_CT}.4.1")) == (Named(HEAD_CT, f"{HEAD_CT}.4.1"),)
