"""Writing a manifest as a DICOM file: a Key Object Selection that names every instance of a study and where it is.

The document that MADO calls a Manifest with Description, with the final codes (DCM); the same facts always give the
same bytes. *Source:* DICOM PS3.3 §A.35.4, §C.17.6; PS3.16 TID 2010, 1600 to 1602; PS3.10 §7.1; IHE RAD MADO §6.X.2.
"""

from collections.abc import Sequence
from datetime import UTC
from io import BytesIO

from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from beeldpas.formats.fhir import values
from beeldpas.formats.fhir.publication import PublishedInstance
from beeldpas.formats.fhir.text import Resource
from beeldpas.formats.mado import BSN_OID, KEY_OBJECT, URA_OID, Manifested, derived_uid

_MAKER = "beeldpas"
_URA_SCHEME = "99URA"
_LONG, _SHORT = 64, 16  # characters of LO, of SH


def write_kos(told: Manifested) -> bytes:
    """Return the manifest as a Part 10 file."""
    kos = FileDataset("", {}, file_meta=_meta(told.uid), preamble=bytes(128))
    kos.SpecificCharacterSet = "ISO_IR 192"
    _identify(kos, told)
    _describe(kos, told)
    kos.ConceptNameCodeSequence = [_code("131560", "DCM", "Manifest with Description")]
    kos.ContentTemplateSequence = [_template("2010")]
    kos.ValueType, kos.ContinuityOfContent = "CONTAINER", "SEPARATE"
    kos.CurrentRequestedProcedureEvidenceSequence = [_evidence(told)]
    kos.ContentSequence = [_library(told)]
    file = BytesIO()
    kos.save_as(file, enforce_file_format=True)
    return file.getvalue()


def _meta(uid: str) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = UID(KEY_OBJECT), UID(uid)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = UID(derived_uid("implementation", _MAKER))
    meta.ImplementationVersionName = "BEELDPAS"
    return meta


def _identify(kos: Dataset, told: Manifested) -> None:
    """Whose it is and which document: the person by number alone, since an index knows nobody's name."""
    number = told.bsn.reveal()
    kos.SOPClassUID, kos.SOPInstanceUID = KEY_OBJECT, told.uid
    kos.StudyInstanceUID, kos.SeriesInstanceUID = told.study_uid, derived_uid("series", told.uid)
    kos.PatientName = kos.PatientBirthDate = kos.PatientSex = ""
    kos.PatientID, kos.TypeOfPatientID = number, "TEXT"
    kos.IssuerOfPatientIDQualifiersSequence = [_issuer(BSN_OID)]
    other = Dataset()
    other.PatientID, other.TypeOfPatientID = number, "TEXT"
    other.IssuerOfPatientIDQualifiersSequence = [_issuer(BSN_OID)]
    kos.OtherPatientIDsSequence = [other]


def _describe(kos: Dataset, told: Manifested) -> None:
    """The study, its order, and who made the manifest and when."""
    kos.StudyDate = f"{told.day:%Y%m%d}" if told.day else ""
    kos.StudyTime = kos.StudyID = kos.ReferringPhysicianName = ""
    kos.StudyDescription = _text(told.study.get("description"))
    accession, issuer = told.accession
    kos.AccessionNumber = accession if len(accession) <= _SHORT else ""
    if kos.AccessionNumber and issuer:
        kos.IssuerOfAccessionNumberSequence = [_issuer(issuer)]
    kos.Modality, kos.SeriesNumber, kos.InstanceNumber = "KO", 1, 1
    kos.ReferencedPerformedProcedureStepSequence = []
    kos.Manufacturer, kos.ManufacturerModelName = _MAKER, "registry"
    kos.InstitutionName = told.holder.name[:_LONG]
    own = _code(told.holder.ura, _URA_SCHEME, told.holder.name)
    own.CodingSchemeUID = URA_OID
    kos.InstitutionCodeSequence = [own]
    scheme = Dataset()
    scheme.CodingSchemeDesignator, scheme.CodingSchemeUID = _URA_SCHEME, URA_OID
    kos.CodingSchemeIdentificationSequence = [scheme]
    made = told.changed_at.astimezone(UTC)
    kos.ContentDate, kos.ContentTime, kos.TimezoneOffsetFromUTC = f"{made:%Y%m%d}", f"{made:%H%M%S}", "+0000"


def _evidence(told: Manifested) -> Dataset:
    evidence = Dataset()
    evidence.StudyInstanceUID = told.study_uid
    evidence.ReferencedSeriesSequence = [_series(uid, listed, told) for uid, listed in told.lists.items()]
    return evidence


def _series(uid: str, listed: Sequence[PublishedInstance], told: Manifested) -> Dataset:
    series = Dataset()
    series.SeriesInstanceUID = uid
    series.RetrieveURL, series.RetrieveLocationUID = told.holder.address, told.holder.location
    series.ReferencedSOPSequence = [_named(one) for one in listed]
    return series


def _library(told: Manifested) -> Dataset:
    """The Image Library: a group for each series, with what describes it and what is in it.

    How many instances that is, is not said in a number: this kind of document has no content of that sort.
    """
    library = _item("CONTAINS", "CONTAINER", ("111028", "DCM", "Image Library"))
    library.ContinuityOfContent = "SEPARATE"
    told_of = {one["uid"]: one for one in told.study.get("series", [])}
    library.ContentSequence = [_group(uid, listed, told_of[uid]) for uid, listed in told.lists.items()]
    return library


def _group(uid: str, listed: Sequence[PublishedInstance], told: Resource) -> Dataset:
    group = _item("CONTAINS", "CONTAINER", ("126200", "DCM", "Image Library Group"))
    group.ContinuityOfContent = "SEPARATE"
    series = _described("UIDREF", ("112002", "DCM", "Series Instance UID"))
    series.UID = uid
    items = [series]
    for code in values.modalities(told.get("modality")):
        modality = _described("CODE", ("121139", "DCM", "Modality"))
        modality.ConceptCodeSequence = [_code(code, "DCM", code)]
        items.append(modality)
    shown = {
        ("131563", "DCM", "Series Description"): _text(told.get("description")),
        ("113607", "DCM", "Series Number"): str(told.get("number", "")),
    }
    for name, words in shown.items():
        if words:
            text = _described("TEXT", name)
            text.TextValue = words
            items.append(text)
    group.ContentSequence = [*items, *(_reference(one) for one in listed)]
    return group


def _reference(instance: PublishedInstance) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType = "CONTAINS", _value_type(instance.sop_class)
    item.ReferencedSOPSequence = [_named(instance)]
    return item


def _value_type(sop_class: str) -> str:
    """What sort of content refers to an instance of a class. *Source:* PS3.3 §A.35.4.3.1."""
    name = UID(sop_class).name
    if "Waveform" in name:
        return "WAVEFORM"
    return "IMAGE" if "Image Storage" in name else "COMPOSITE"


def _named(instance: PublishedInstance) -> Dataset:
    named = Dataset()
    named.ReferencedSOPClassUID, named.ReferencedSOPInstanceUID = instance.sop_class, instance.sop_uid
    return named


def _described(kind: str, name: tuple[str, str, str]) -> Dataset:
    return _item("HAS ACQ CONTEXT", kind, name)


def _item(relation: str, kind: str, name: tuple[str, str, str]) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType = relation, kind
    item.ConceptNameCodeSequence = [_code(*name)]
    return item


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, meaning[:_LONG]
    return code


def _issuer(oid: str) -> Dataset:
    issuer = Dataset()
    issuer.UniversalEntityID, issuer.UniversalEntityIDType = oid, "ISO"
    return issuer


def _template(number: str) -> Dataset:
    template = Dataset()
    template.MappingResource, template.TemplateIdentifier = "DCMR", number
    return template


def _text(value: object) -> str:
    """A text that fits LO: one line of 64 characters without the backslash, which parts values."""
    return values.text(value).replace("\\", "/")[:_LONG]
