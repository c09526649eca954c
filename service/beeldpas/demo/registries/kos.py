"""Manifests as DICOM files, written with pydicom from the tables of MADO and PS3.3.

*Source:* IHE RAD MADO §6.X.2 (codes: temporary ones of 99IHE, final ones of DCM); DICOM PS3.3 §A.35.4.
"""

from io import BytesIO
from typing import Any

from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian

from beeldpas.demo.registries.entries import Entry
from beeldpas.formats.fhir.publication import PublishedSeries

KEY_OBJECT = "1.2.840.10008.5.1.4.1.1.88.59"
BSN_OID = "2.16.840.1.113883.2.4.6.3"
URA_OID = "2.16.528.1.1007.3.3"
FINAL = {"title": ("131560", "DCM"), "description": ("131563", "DCM"), "count": ("131564", "DCM")}
TEMPORARY = {
    "title": ("MADOTEMP001", "99IHE"),
    "description": ("MADOTEMP002", "99IHE"),
    "count": ("MADOTEMP007", "99IHE"),
}
XDS_I = {**FINAL, "title": ("113030", "DCM")}


def kos_file(
    entry: Entry, sop_uid: str, retrieve_url: str, codes: dict[str, tuple[str, str]] = FINAL, **changes: Any
) -> bytes:
    """Write the manifest of an entry; `changes` replace what stands at the top of the file."""
    study = entry.study
    kos = FileDataset("", {}, file_meta=_meta(sop_uid), preamble=b"\0" * 128)
    kos.SOPClassUID, kos.SOPInstanceUID = UID(KEY_OBJECT), UID(sop_uid)
    kos.StudyInstanceUID, kos.SeriesInstanceUID = UID(study.study_uid), UID(f"{sop_uid}.1")
    kos.Modality, kos.Manufacturer, kos.InstitutionName = "KO", "Beeldpas demo", entry.at.name
    kos.InstitutionCodeSequence = [_code(entry.at.ura, "URA", entry.at.name)]
    kos.InstitutionCodeSequence[0].CodingSchemeUID = URA_OID
    kos.PatientID = study.bsn.reveal()
    kos.IssuerOfPatientIDQualifiersSequence = [_issuer(BSN_OID)]
    kos.StudyDate = f"{study.started:%Y%m%d}" if study.started else ""
    kos.StudyTime = ""
    kos.StudyDescription = study.description
    kos.AccessionNumber = study.accession
    kos.IssuerOfAccessionNumberSequence = [_issuer(entry.orders)]
    kos.ConceptNameCodeSequence = [_code(*codes["title"], "Manifest with Description")]
    kos.ValueType = "CONTAINER"
    evidence = Dataset()
    evidence.StudyInstanceUID = study.study_uid
    evidence.ReferencedSeriesSequence = [_referenced(one, entry, retrieve_url) for one in study.series]
    kos.CurrentRequestedProcedureEvidenceSequence = [evidence]
    library = _item("CONTAINER", ("111028", "DCM"))
    library.ContentSequence = [_group(one, codes) for one in study.series]
    kos.ContentSequence = [library]
    for name, value in changes.items():
        setattr(kos, name, value)
    return _written(kos)


def _written(kos: FileDataset) -> bytes:
    file = BytesIO()
    kos.save_as(file, enforce_file_format=True)
    return file.getvalue()


def _meta(sop_uid: str) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = UID(KEY_OBJECT), UID(sop_uid)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return meta


def _referenced(series: PublishedSeries, entry: Entry, retrieve_url: str) -> Dataset:
    listed = Dataset()
    listed.SeriesInstanceUID = series.uid
    listed.RetrieveLocationUID = "1.2.3.4.5"
    if retrieve_url:
        listed.RetrieveURL = retrieve_url
    numbered = [(KEY_OBJECT, f"{series.uid}.{number}") for number in range(1, series.instances + 1)]
    listed.ReferencedSOPSequence = [_instance(*one) for one in entry.instances.get(series.uid, numbered)]
    return listed


def _instance(sop_class: str, sop_uid: str) -> Dataset:
    instance = Dataset()
    instance.ReferencedSOPClassUID, instance.ReferencedSOPInstanceUID = sop_class, sop_uid
    return instance


def _group(series: PublishedSeries, codes: dict[str, tuple[str, str]]) -> Dataset:
    group = _item("CONTAINER", ("126200", "DCM"))
    uid, region = _item("UIDREF", ("112002", "DCM")), _item("CODE", ("123014", "DCM"))
    uid.UID = series.uid
    region.ConceptCodeSequence = [_code("51185008", "SCT", series.body_part)]
    description = _item("TEXT", codes["description"])
    description.TextValue = series.description
    items = [uid, region, description]
    if series.modality:
        modality = _item("CODE", ("121139", "DCM"))
        modality.ConceptCodeSequence = [_code(series.modality, "DCM", series.modality)]
        items.append(modality)
    group.ContentSequence = items
    return group


def _item(kind: str, name: tuple[str, str]) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType = "HAS ACQ CONTEXT", kind
    item.ConceptNameCodeSequence = Sequence([_code(*name, "name")])
    return item


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, meaning
    return code


def _issuer(oid: str) -> Dataset:
    issuer = Dataset()
    issuer.UniversalEntityID, issuer.UniversalEntityIDType = oid, "ISO"
    return issuer
