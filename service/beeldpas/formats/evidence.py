"""What a document says of other instances: that they are rejected, or that it takes the place of them.

A rejection note is a Key Object Selection whose title says why; what it rejects stands in its evidence.
*Source:* IHE RAD TF-3 §4.66 (IOCM); DICOM PS3.3 §C.17.2.3 and §C.17.6.2; PS3.16 CID 7011 and 7031.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from pydicom.dataset import Dataset

from beeldpas.domain.uid import is_uid
from beeldpas.formats.dicom import UNREADABLE, lenient, text

KEY_OBJECT = "1.2.840.10008.5.1.4.1.1.88.59"
QUALITY, SAFETY, WORKLIST, RETENTION = "113001", "113037", "113038", "113039"
# The gravest first: it is what counts when two notes name one instance.
CODES = (SAFETY, WORKLIST, QUALITY, RETENTION)
_MOST_NAMED = 1_000_000


@dataclass(frozen=True, slots=True)
class Named:
    """An instance that is named, and the study in which the document says that it is."""

    study_uid: str
    sop_uid: str


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why instances are rejected (a code of DCM), and which."""

    code: str
    named: tuple[Named, ...]


def rejection_of(dataset: Dataset) -> Rejection | None:
    """Return what a rejection note rejects; None when the object is no such note."""
    if text(dataset, "SOPClassUID") != KEY_OBJECT:
        return None
    try:
        with lenient():
            titles = dataset.get("ConceptNameCodeSequence") or []
            code = text(titles[0], "CodeValue") if titles else ""
            if code not in CODES or text(titles[0], "CodingSchemeDesignator") != "DCM":
                return None
            return Rejection(code, _listed(dataset, "CurrentRequestedProcedureEvidenceSequence"))
    except UNREADABLE:
        return None


def predecessors_of(dataset: Dataset) -> tuple[Named, ...]:
    """Return the documents that this one says it takes the place of."""
    try:
        with lenient():
            return _listed(dataset, "PredecessorDocumentsSequence")
    except UNREADABLE:
        return ()


def _listed(dataset: Dataset, keyword: str) -> tuple[Named, ...]:
    return tuple(dict.fromkeys(islice(_walk(dataset, keyword), _MOST_NAMED)))


def _walk(dataset: Dataset, keyword: str) -> Iterator[Named]:
    for study in dataset.get(keyword) or []:
        study_uid = text(study, "StudyInstanceUID")
        for series in study.get("ReferencedSeriesSequence") or []:
            for instance in series.get("ReferencedSOPSequence") or []:
                sop_uid = text(instance, "ReferencedSOPInstanceUID")
                if is_uid(study_uid) and is_uid(sop_uid):
                    yield Named(study_uid, sop_uid)
