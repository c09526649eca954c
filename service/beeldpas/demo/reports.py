"""The two reports of the demo: one as structured report, one as a PDF inside a DICOM file.

The structured report is a real sample that moves into the study it now belongs to; the PDF is set here, since no
sample holds one. *Source:* DICOM PS3.3 A.35.1 (Basic Text SR), A.45.1 (Encapsulated PDF).
"""

from pathlib import Path
from typing import Final

import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import EncapsulatedPDFStorage, ExplicitVRLittleEndian, generate_uid

_OF_THE_STUDY: Final = (
    "StudyInstanceUID",
    "StudyDate",
    "StudyTime",
    "StudyID",
    "AccessionNumber",
    "ReferringPhysicianName",
    "StudyDescription",
)
_TITLE: Final = "Verslag MRI van de hersenen"
_PAGE: Final = f"""<!doctype html><html lang="nl"><meta charset="utf-8"><title>{_TITLE}</title>
<h1>{_TITLE}</h1>
<p>Dit verslag is verzonnen en hoort bij voorbeeldbeelden.</p>
<h2>Bevindingen</h2>
<p>Geen afwijkingen van de hersenstam, de kleine hersenen en de grote hersenen. Normale wijdte van de ventrikels.</p>
<h2>Conclusie</h2>
<p>Geen verklaring voor de klachten.</p>
</html>"""


def structured(image: Dataset, sample: Path) -> Dataset:
    """Move the sample report into the study of `image`, as a series of its own."""
    report = pydicom.dcmread(sample)
    _join(report, image, "SR")
    report.file_meta.MediaStorageSOPInstanceUID = report.SOPInstanceUID
    return report


def encapsulated(image: Dataset) -> Dataset:
    """Write a report as PDF and wrap it in a DICOM file of the study of `image`."""
    from weasyprint import HTML  # half a second that only a first start has to spend

    pdf = HTML(string=_PAGE).write_pdf(pdf_variant="pdf/ua-1")
    report = FileDataset("", Dataset(), file_meta=FileMetaDataset(), preamble=bytes(128))
    report.SpecificCharacterSet = "ISO_IR 192"
    report.SOPClassUID = EncapsulatedPDFStorage
    report.Modality, report.ConversionType = "DOC", "WSD"
    report.Manufacturer, report.BurnedInAnnotation = "", "NO"
    report.ContentDate = report.AcquisitionDateTime = image.StudyDate
    report.ContentTime = image.StudyTime
    report.DocumentTitle = report.SeriesDescription = _TITLE
    report.InstanceNumber = 1
    report.ConceptNameCodeSequence = [_code("18748-4", "LN", "Diagnostic imaging study")]
    report.MIMETypeOfEncapsulatedDocument = "application/pdf"
    report.EncapsulatedDocumentLength = len(pdf)
    report.EncapsulatedDocument = pdf + bytes(len(pdf) % 2)
    _join(report, image, "PDF")
    meta = report.file_meta
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = EncapsulatedPDFStorage, report.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return report


def _join(report: Dataset, image: Dataset, kind: str) -> None:
    for keyword in _OF_THE_STUDY:
        if keyword in image:
            setattr(report, keyword, getattr(image, keyword))
    report.SeriesNumber = 900
    report.SeriesInstanceUID = _uid(kind, "series", str(image.StudyInstanceUID))
    report.SOPInstanceUID = _uid(kind, "instance", str(image.StudyInstanceUID))


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, meaning
    return code


def _uid(*parts: str) -> str:
    return generate_uid(entropy_srcs=["beeldpas demo report", *parts])
