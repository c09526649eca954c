"""The reports of the demo: structured ones, and PDFs inside a DICOM file, of which one was changed a week later.

The structured report is a real sample that moves into the study it now belongs to; the PDFs are set here, since no
sample holds one. *Source:* DICOM PS3.3 A.35.1 (Basic Text SR), A.45.1 (Encapsulated PDF), C.17.2 (Preliminary Flag).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final, Literal

import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import EncapsulatedPDFStorage, ExplicitVRLittleEndian, generate_uid
from pydicom.valuerep import DA

_OF_THE_STUDY: Final = (
    "StudyInstanceUID",
    "StudyDate",
    "StudyTime",
    "StudyID",
    "AccessionNumber",
    "ReferringPhysicianName",
    "StudyDescription",
)
Kind = Literal["", "sr", "provisional", "pdf", "changed"]


@dataclass(frozen=True, slots=True)
class _Text:
    title: str
    findings: str
    conclusion: str

    @property
    def page(self) -> str:
        """The whole report as it is printed."""
        return f"""<!doctype html><html lang="nl"><meta charset="utf-8"><title>{self.title}</title>
<h1>{self.title}</h1>
<p>Dit verslag is verzonnen en hoort bij voorbeeldbeelden.</p>
<h2>Bevindingen</h2>
<p>{self.findings}</p>
<h2>Conclusie</h2>
<p>{self.conclusion}</p>
</html>"""


_BRAIN: Final = _Text(
    "Verslag MRI van de hersenen",
    "Geen afwijkingen van de hersenstam, de kleine hersenen en de grote hersenen. Normale wijdte van de ventrikels.",
    "Geen verklaring voor de klachten.",
)
_FIRST: Final = _Text(
    "Verslag van het onderzoek", "Geen afwijkingen van lever en nieren.", "Geen verklaring voor de klachten."
)
_CHANGED: Final = _Text(
    _FIRST.title,
    "Geen afwijkingen van lever en nieren. Bij nader inzien een kleine steen in de galblaas.",
    "Een galsteen, die de klachten kan verklaren.",
)


def reports_of(image: Dataset, kind: Kind, sample: Path) -> Iterator[Dataset]:
    """Write the reports of the study of `image`: none for "", two versions for "changed"; `sample` is a report."""
    if kind in ("sr", "provisional"):
        yield _structured(image, sample, "PRELIMINARY" if kind == "provisional" else "FINAL")
    if kind == "pdf":
        yield _encapsulated(image, _BRAIN, 1)
    if kind == "changed":
        yield _encapsulated(image, _FIRST, 1)
        yield _encapsulated(image, _CHANGED, 2)


def _structured(image: Dataset, sample: Path, flag: str) -> Dataset:
    report = pydicom.dcmread(sample)
    _join(report, image, "SR")
    report.CompletionFlag, report.PreliminaryFlag = "COMPLETE", flag
    report.ContentDate, report.ContentTime = image.StudyDate, image.StudyTime
    report.file_meta.MediaStorageSOPInstanceUID = report.SOPInstanceUID
    return report


def _encapsulated(image: Dataset, text: _Text, version: int) -> Dataset:
    """Write a report as PDF; each version is a week younger than the one before."""
    from weasyprint import HTML  # half a second that only a first start has to spend

    pdf = HTML(string=text.page).write_pdf(pdf_variant="pdf/ua-1")
    written = DA(image.StudyDate) + timedelta(weeks=version - 1)
    report = FileDataset("", Dataset(), file_meta=FileMetaDataset(), preamble=bytes(128))
    report.SpecificCharacterSet = "ISO_IR 192"
    report.SOPClassUID = EncapsulatedPDFStorage
    report.Modality, report.ConversionType = "DOC", "WSD"
    report.Manufacturer, report.BurnedInAnnotation = "", "NO"
    report.ContentDate = report.AcquisitionDateTime = written.strftime("%Y%m%d")
    report.ContentTime = image.StudyTime
    report.DocumentTitle = report.SeriesDescription = text.title
    report.InstanceNumber = version
    report.ConceptNameCodeSequence = [_code("18748-4", "LN", "Diagnostic imaging study")]
    report.MIMETypeOfEncapsulatedDocument = "application/pdf"
    report.EncapsulatedDocumentLength = len(pdf)
    report.EncapsulatedDocument = pdf + bytes(len(pdf) % 2)
    _join(report, image, "PDF", str(version) if version > 1 else "")
    meta = report.file_meta
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = EncapsulatedPDFStorage, report.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return report


def _join(report: Dataset, image: Dataset, kind: str, version: str = "") -> None:
    for keyword in _OF_THE_STUDY:
        if keyword in image:
            setattr(report, keyword, getattr(image, keyword))
    report.SeriesNumber = 900
    report.SeriesInstanceUID = _uid(kind, "series", str(image.StudyInstanceUID))
    report.SOPInstanceUID = _uid(kind, "instance", str(image.StudyInstanceUID), version)


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, meaning
    return code


def _uid(*parts: str) -> str:
    return generate_uid(entropy_srcs=["beeldpas demo report", *parts])
