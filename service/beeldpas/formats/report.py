"""Reports that are stored as DICOM, in a form that people can open: a PDF taken out, a structured report as HTML.

Any other document in a DICOM file (a CDA, a 3D model) stays in it: what a program might run is not handed out as
a file of its own.

*Source:* DICOM PS3.3 §A.45.1 (Encapsulated PDF), §C.17.3 (SR content tree).
"""

from dataclasses import dataclass
from typing import Literal

from pydicom.dataset import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian

from beeldpas.formats import records
from beeldpas.formats.dicom import UNREADABLE, lenient, text
from beeldpas.formats.report_page import meaning, report_page

_LARGEST_PAGE = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Document:
    """A report in readable form: its bytes, and where they start in the file when they stand there literally."""

    kind: Literal["pdf", "sr"]
    title: str
    content: bytes
    start: int | None = None


def document_of(dataset: Dataset) -> Document | None:
    """Return the report that a stored object holds; None when it is no report that can be read."""
    try:
        with lenient():
            mime_type = text(dataset, "MIMETypeOfEncapsulatedDocument").lower().partition(";")[0].strip()
            if mime_type == "application/pdf":
                return _pdf(dataset)
            if records.kind_of(dataset) == "SR DOCUMENT" and dataset.get("ContentSequence"):
                return _page(dataset)
    except UNREADABLE:
        return None
    return None


def _page(dataset: Dataset) -> Document | None:
    title = _title(dataset)
    content = report_page(dataset, title)
    return Document("sr", title, content) if len(content) <= _LARGEST_PAGE else None


def _pdf(dataset: Dataset) -> Document | None:
    element = dataset["EncapsulatedDocument"]
    content = bytes(element.value)
    length = text(dataset, "EncapsulatedDocumentLength")
    if length.isdecimal() and 0 < int(length) <= len(content):
        content = content[: int(length)]
    if not content.startswith(b"%PDF-"):
        return None
    deflated = dataset.file_meta.get("TransferSyntaxUID") == DeflatedExplicitVRLittleEndian
    return Document("pdf", _title(dataset), content, None if deflated else element.file_tell)


def _title(dataset: Dataset) -> str:
    named = text(dataset, "DocumentTitle") or meaning(dataset, "ConceptNameCodeSequence")
    return named or text(dataset, "SeriesDescription") or "Verslag / Report"
