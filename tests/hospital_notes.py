"""What a technologist or a radiologist sends after the images: rejection notes, corrected images, amended reports."""

from __future__ import annotations

from pydicom.dataset import Dataset, FileDataset
from tests.cast import ANNA, Person
from tests.hospital_images import head, image

from beeldpas.formats.evidence import KEY_OBJECT, QUALITY

_TITLES = {
    "113001": "Rejected for Quality Reasons",
    "113037": "Rejected for Patient Safety Reasons",
    "113038": "Incorrect Modality Worklist Entry",
    "113039": "Data Retention Policy Expired",
}


def rejection_note(
    study: str, *sop_uids: str, code: str = QUALITY, number: int = 1, person: Person = ANNA, evidence: str = ""
) -> FileDataset:
    """A Key Object Selection that rejects instances of a study; `evidence`: the study that it says they are in."""
    dataset = image(study, 99, number, person)
    for keyword in ("PixelData", "Rows", "Columns", "BitsAllocated", "PixelRepresentation"):
        del dataset[keyword]
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = KEY_OBJECT
    dataset.Modality = "KO"
    dataset.ContentDate, dataset.ContentTime = "20260504", "080000"
    dataset.ConceptNameCodeSequence = [_code(code, "DCM", _TITLES.get(code, "Of Interest"))]
    dataset.CurrentRequestedProcedureEvidenceSequence = [_evidence(evidence or study, sop_uids)]
    return dataset


def replaces(report: FileDataset, *sop_uids: str) -> FileDataset:
    """Let a report say that it takes the place of others of its study."""
    report.PredecessorDocumentsSequence = [_evidence(report.StudyInstanceUID, sop_uids)]
    return report


def moved_to(dataset: FileDataset, person: Person) -> FileDataset:
    """The same object under another patient, as the archive hands it out after a move."""
    series, number = int(dataset.SeriesNumber), int(dataset.InstanceNumber)
    head(dataset, str(dataset.StudyInstanceUID), series, number, person)
    return dataset


def _evidence(study: str, sop_uids: tuple[str, ...]) -> Dataset:
    named = []
    for sop_uid in sop_uids:
        one = Dataset()
        one.ReferencedSOPClassUID, one.ReferencedSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", sop_uid
        named.append(one)
    series = Dataset()
    series.SeriesInstanceUID, series.ReferencedSOPSequence = f"{study}.1", named
    found = Dataset()
    found.StudyInstanceUID, found.ReferencedSeriesSequence = study, [series]
    return found


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, meaning
    return code
