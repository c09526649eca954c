"""Reports made readable."""

import re
from io import BytesIO

import pydicom
import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian
from tests.hospital_images import HEAD_CT, PDF, image, pdf_report, structured_report

from beeldpas.formats.report import document_of


def through_a_file(dataset: pydicom.FileDataset) -> tuple[pydicom.FileDataset, bytes]:
    buffer = BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    buffer.seek(0)
    return pydicom.dcmread(buffer), buffer.getvalue()


@pytest.mark.parametrize("content", [PDF, PDF + b"\n"], ids=["even", "odd"])
def test_a_pdf_is_taken_out_to_the_byte_and_stands_in_the_file_as_it_is(content):
    dataset, file = through_a_file(pdf_report(HEAD_CT, 3, content=content))
    document = document_of(dataset)
    assert document is not None
    assert (document.kind, document.title, document.content) == ("pdf", "Verslag CT schedel", content)
    assert file[document.start :].startswith(content)


def test_a_pdf_inside_a_deflated_file_stands_nowhere_literally():
    dataset = pdf_report(HEAD_CT, 3)
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    document = document_of(through_a_file(dataset)[0])
    assert document is not None
    assert (document.content, document.start) == (PDF, None)


@pytest.mark.parametrize("content", [b"", b"<html>", b"MZ\x90\x00"])
def test_what_only_says_that_it_is_a_pdf_is_not_taken_out(content):
    assert document_of(through_a_file(pdf_report(HEAD_CT, 3, content=content))[0]) is None


def test_a_structured_report_becomes_html():
    document = document_of(structured_report(HEAD_CT, 4))
    assert document is not None
    page = document.content.decode()
    assert (document.kind, document.title) == ("sr", "Diagnosis")
    assert "<b>Diameter:</b> 3 cm" in page
    assert "Jansen Anna" in page


def test_what_a_report_says_cannot_run():
    hostile = structured_report(HEAD_CT, 4)
    hostile.PatientName = "<script>alert(1)</script>"
    hostile.ContentSequence[0].ConceptNameCodeSequence[0].CodeMeaning = '"><img src=x onerror=alert(1)>'
    document = document_of(hostile)
    assert document is not None
    page = document.content.decode()
    assert "<script" not in page and "<img" not in page
    assert "default-src 'none'" in page


def test_a_report_without_end_is_cut_off():
    deep = structured_report(HEAD_CT, 4)
    item = deep.ContentSequence[0]
    for _ in range(60):
        below = pydicom.Dataset()
        below.ValueType, below.TextValue = "TEXT", "dieper"
        item.ContentSequence = [below]
        item = below
    document = document_of(deep)
    assert document is not None
    page = document.content.decode()
    assert 30 < page.count("dieper") < 45
    assert "Er is meer; het staat in het DICOM-bestand." in page


def test_an_image_is_no_report():
    assert document_of(image(HEAD_CT, 1, 1)) is None


def item(kind: str, name: str = "", **values: object) -> pydicom.Dataset:
    """A content item of a report."""
    made = pydicom.Dataset()
    made.ValueType, made.RelationshipType = kind, "CONTAINS"
    if name:
        made.ConceptNameCodeSequence = [code(name)]
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


def code(meaning: str, value: str = "1") -> pydicom.Dataset:
    made = pydicom.Dataset()
    made.CodeValue, made.CodingSchemeDesignator, made.CodeMeaning = value, "99TEST", meaning
    return made


def page_of(*items: pydicom.Dataset, **changed: object) -> str:
    report = structured_report(HEAD_CT, 4)
    report.ContentSequence = [*items]
    for keyword, value in changed.items():
        setattr(report, keyword, value)
    document = document_of(report)
    assert document is not None
    return document.content.decode()


def test_what_cannot_be_shown_in_words_is_named_and_not_passed_over():
    page = page_of(
        item("SCOORD", "Omtrek", GraphicData=[1.0, 2.0]), item("TABLE"), item("TEXT", "Bevinding", TextValue="Geen.")
    )
    assert page.count("Hier niet te tonen; het staat in het DICOM-bestand.") == 2
    assert "<b>Omtrek:</b>" in page and "<b>Bevinding:</b> Geen." in page


def test_a_measurement_that_failed_says_why():
    failed = item(
        "NUM", "Diameter", MeasuredValueSequence=[], NumericValueQualifierCodeSequence=[code("Measurement failure")]
    )
    assert "<b>Diameter:</b> Measurement failure" in page_of(failed)


@pytest.mark.parametrize(("flag", "value"), [("CompletionFlag", "PARTIAL"), ("VerificationFlag", "UNVERIFIED")])
def test_a_report_that_is_not_final_says_so_in_both_languages(flag, value):
    page = page_of(item("TEXT", TextValue="Geen."), **{flag: value})
    assert ("Dit verslag is niet" in page, "This report" in page) == (True, True)


@pytest.mark.parametrize(("said", "shown"), [("en", "en"), ("nl-BE", "nl-BE"), ('"><script>', "nl"), (None, "nl")])
def test_a_page_is_in_the_language_of_its_report(said, shown):
    language = [] if said is None else [item("CODE", ConceptCodeSequence=[code("Language", said)])]
    if language:
        language[0].ConceptNameCodeSequence = [code("Language of Content Item and Descendants", "121049")]
    assert f'<html lang="{shown}">' in page_of(*language, item("TEXT", TextValue="Geen."))


def test_what_does_not_print_is_left_out_and_lines_are_kept():
    page = page_of(item("TEXT", TextValue="Regel 1\r\nRegel 2\x1b[2J\x00\u202e"))
    assert "Regel 1\nRegel 2[2J" in page
    assert not any(sign in page for sign in "\x1b\x00\u202e\r")


def test_every_tag_is_closed():
    report = document_of(structured_report(HEAD_CT, 4))
    assert report is not None
    for name in ("section", "div", "p", "dl", "dt", "dd", "main", "body", "html"):
        page = report.content.decode()
        assert len(re.findall(f"<{name}[ >]", page)) == page.count(f"</{name}>"), name


def test_a_report_larger_than_any_browser_shows_stays_in_its_file():
    large = structured_report(HEAD_CT, 4)
    large.ContentSequence = [item("TEXT", TextValue="x" * 1_000_000) for _ in range(17)]
    assert document_of(large) is None


@pytest.mark.parametrize("mime_type", ["text/XML", "model/stl", "", "application/pdf+x"])
def test_another_document_stays_in_its_file(mime_type):
    document = pdf_report(HEAD_CT, 3)
    document.MIMETypeOfEncapsulatedDocument = mime_type
    assert document_of(through_a_file(document)[0]) is None
