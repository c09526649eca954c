"""Reports made readable."""

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
    assert 30 < document.content.decode().count("dieper") < 45


def test_an_image_is_no_report():
    assert document_of(image(HEAD_CT, 1, 1)) is None
