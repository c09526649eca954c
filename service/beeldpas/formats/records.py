"""Which attributes a directory record of each kind holds, and which kind a stored object gets.

*Source:* DICOM PS3.3 Annex F.5 (record definitions) and F.4 (relationships); PS3.4 Annex B.5 (SOP classes).
"""

from pydicom.dataset import Dataset

from beeldpas.formats.dicom import text

_CONTENT = "InstanceNumber ContentDate ContentTime"
_LABEL = "ContentLabel"
_LABELLED = "ContentDescription? ContentCreatorName?"

# A name with a question mark is type 2: it may be empty, the others must have a value.
KEYS: dict[str, str] = {
    "PATIENT": "PatientName? PatientID",
    "STUDY": "StudyDate StudyTime StudyDescription? StudyInstanceUID StudyID AccessionNumber?",
    "SERIES": "Modality SeriesInstanceUID SeriesNumber",
    "IMAGE": "InstanceNumber",
    "RT DOSE": "InstanceNumber DoseSummationType",
    "RT STRUCTURE SET": "InstanceNumber StructureSetLabel StructureSetDate? StructureSetTime?",
    "RT PLAN": "InstanceNumber RTPlanLabel RTPlanDate? RTPlanTime?",
    "RT TREAT RECORD": "InstanceNumber TreatmentDate? TreatmentTime?",
    "PRESENTATION": f"PresentationCreationDate PresentationCreationTime InstanceNumber {_LABEL} {_LABELLED}",
    "WAVEFORM": _CONTENT,
    "RAW DATA": "InstanceNumber? ContentDate ContentTime",
    "SR DOCUMENT": f"{_CONTENT} CompletionFlag VerificationFlag ConceptNameCodeSequence",
    "KEY OBJECT DOC": f"{_CONTENT} ConceptNameCodeSequence",
    "SPECTROSCOPY": f"ImageType {_CONTENT} NumberOfFrames Rows Columns DataPointRows DataPointColumns",
    "REGISTRATION": f"{_CONTENT} {_LABEL} {_LABELLED}",
    "FIDUCIAL": f"{_CONTENT} {_LABEL} {_LABELLED}",
    "VALUE MAP": f"{_CONTENT} {_LABEL} {_LABELLED}",
    "MEASUREMENT": f"{_CONTENT} {_LABEL} {_LABELLED}",
    "SURFACE": f"{_CONTENT} {_LABEL} {_LABELLED}",
    "TRACT": f"{_CONTENT} {_LABEL} {_LABELLED}",
    "SURFACE SCAN": "ContentDate ContentTime",
    "STEREOMETRIC": "",
    "ENCAP DOC": (
        "ContentDate? ContentTime? InstanceNumber DocumentTitle? ConceptNameCodeSequence?"
        " MIMETypeOfEncapsulatedDocument"
    ),
    "ASSESSMENT": "InstanceNumber InstanceCreationDate InstanceCreationTime?",
    "RADIOTHERAPY": f"InstanceNumber {_LABELLED}",
    "PLAN": "",
}
# Copied when the object has a value (type 1C), and what importers show of a patient or series (type 3); of images
# what the profiles for USB sticks and DVDs ask for (PS3.11), which importers sort by.
CONDITIONAL: dict[str, str] = {
    "PATIENT": "IssuerOfPatientID PatientBirthDate PatientSex",
    "SERIES": "SeriesDescription InstitutionName InstitutionAddress PerformingPhysicianName",
    "IMAGE": (
        "ImageType AcquisitionDateTime ReferencedImageSequence AcquisitionTimeSynchronized ImagePositionPatient"
        " ImageOrientationPatient FrameOfReferenceUID SynchronizationFrameOfReferenceUID NumberOfFrames Rows Columns"
        " PixelSpacing CalibrationImage LossyImageCompressionRatio"
    ),
    "RT DOSE": "DoseComment",
    "PRESENTATION": "ReferencedSeriesSequence BlendingSequence",
    "SPECTROSCOPY": "ReferencedImageEvidenceSequence",
    "ENCAP DOC": "HL7InstanceIdentifier",
    "RADIOTHERAPY": "UserContentLabel UserContentLongLabel",
}
# A document that says it was verified must say when; the last time counts (type 1C).
VERIFIED = frozenset({"SR DOCUMENT"})
# Records that describe a document by the concept modifiers of its root, not by its whole content.
MODIFIED = frozenset({"SR DOCUMENT", "KEY OBJECT DOC"})

_STORAGE = "1.2.840.10008.5.1.4.1.1."
_BY_CLASS: dict[str, str] = {
    "481.2": "RT DOSE",
    "481.3": "RT STRUCTURE SET",
    "481.5": "RT PLAN",
    "481.8": "RT PLAN",
    "481.4": "RT TREAT RECORD",
    "481.6": "RT TREAT RECORD",
    "481.7": "RT TREAT RECORD",
    "481.9": "RT TREAT RECORD",
    "131": "PRESENTATION",
    "88.59": "KEY OBJECT DOC",
    "4.2": "SPECTROSCOPY",
    "66": "RAW DATA",
    "66.1": "REGISTRATION",
    "66.3": "REGISTRATION",
    "66.2": "FIDUCIAL",
    "67": "VALUE MAP",
    "77.1.5.3": "STEREOMETRIC",
    "66.5": "SURFACE",
    "66.6": "TRACT",
    "68.1": "SURFACE SCAN",
    "68.2": "SURFACE SCAN",
    **{f"481.{number}": "RADIOTHERAPY" for number in range(10, 26)},
    "78.6": "SR DOCUMENT",
    "79.1": "SR DOCUMENT",
    "90.1": "ASSESSMENT",
}
_BY_FAMILY: tuple[tuple[str, str], ...] = (
    ("11.", "PRESENTATION"),
    ("9.", "WAVEFORM"),
    ("88.", "SR DOCUMENT"),
    ("78.", "MEASUREMENT"),
    ("79.", "MEASUREMENT"),
    ("80.", "MEASUREMENT"),
    ("104.", "ENCAP DOC"),
)


def kind_of(dataset: Dataset) -> str:
    """Return the kind of record that a stored object gets below its series."""
    modality = text(dataset, "Modality")
    if modality in {"RTINTENT", "RTSEGANN", "RTRAD"}:
        return "RADIOTHERAPY"
    if modality == "PLAN":
        return "PLAN"
    sop_class = text(dataset, "SOPClassUID")
    if not sop_class.startswith(_STORAGE):
        return "IMAGE"
    suffix = sop_class.removeprefix(_STORAGE)
    families = (kind for prefix, kind in _BY_FAMILY if suffix.startswith(prefix))
    return _BY_CLASS.get(suffix) or next(families, "IMAGE")
