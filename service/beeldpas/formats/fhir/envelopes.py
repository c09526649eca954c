"""Writing what a document index lists: DocumentReferences of manifests, each encoding one of twins, and of reports.

*Source:* IHE ITI MHD (ITI-67, Minimal metadata); IHE RAD MADO, MadoFhirDocumentReference and
MadoDicomKosDocumentReference; Nictiz BBS (IMAGES and REPORTS, modality among the events).
"""

from collections.abc import Mapping
from typing import Any

from beeldpas.domain.bsn import BSN
from beeldpas.formats.fhir import systems, values
from beeldpas.formats.fhir.text import MEDIA_TYPE, Resource
from beeldpas.formats.mado import KEY_OBJECT, Told
from beeldpas.formats.manifests import Encoding

IMAGES, REPORTS = "IMAGES", "REPORTS"
CATEGORIES = "urn:oid:1.3.6.1.4.1.19376.1.2.6.1"
FHIR_MANIFEST = "urn:ihe:rad:MADO:fhir-manifest:2026"
MADO = "https://profiles.ihe.net/RAD/MADO/StructureDefinition"
DICOM = "application/dicom"
FORMATS: Mapping[Encoding, Resource] = {
    "fhir": {
        "system": "http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode",
        "code": FHIR_MANIFEST,
    },
    "kos": {"system": "http://dicom.nema.org/resources/ontology/DCMUID", "code": KEY_OBJECT},
}
MEDIA_TYPES: Mapping[Encoding, str] = {"fhir": MEDIA_TYPE, "kos": DICOM}
_TWIN: Mapping[Encoding, Encoding] = {"fhir": "kos", "kos": "fhir"}
_LANGUAGE = "nl-NL"
_DOC_STATUS = {
    "final": "final", "amended": "amended", "corrected": "amended", "appended": "amended",
    "registered": "preliminary", "partial": "preliminary", "preliminary": "preliminary",
}  # fmt: skip


def manifest_envelope(told: Told, encoding: Encoding, address: str) -> Resource:
    """The envelope of a manifest in one encoding, which can be fetched at `address`; it names its twin."""
    name = uid_name(told.uid)
    twin = {"reference": f"DocumentReference/{document_id(told.entry_id, _TWIN[encoding])}", "identifier": name}
    attachment = {
        "contentType": MEDIA_TYPES[encoding],
        "language": _LANGUAGE,
        "url": address,
        "creation": told.made_at,
    }
    made = {
        "resourceType": "DocumentReference",
        "id": document_id(told.entry_id, encoding),
        "extension": [_modality(one) for one in values.objects(told.study.get("modality"))],
        "masterIdentifier": name,
        "identifier": [name],
        "status": "current",
        "docStatus": "final",
        "type": _concept(systems.LOINC, systems.IMAGING_REPORT, systems.IMAGING_REPORT_TITLE),
        "category": [_concept(CATEGORIES, IMAGES)],
        "subject": _subject(told.bsn),
        "date": told.made_at,
        "author": [_organisation(told.holder.name, told.holder.ura)],
        "custodian": _organisation(told.holder.name, told.holder.ura),
        "relatesTo": [{"code": "transforms", "target": twin}],
        "description": told.study.get("description"),
        "content": [{"attachment": attachment, "format": FORMATS[encoding]}],
        "context": _context(told),
        **_marks(told.study),
    }
    return {field: value for field, value in made.items() if value not in (None, "", [])}


def report_envelope(report_id: str, report: Resource, bsn: BSN, hospital: tuple[str, str]) -> Resource:
    """The envelope of a report of a hospital (name, URA): that it exists, its title and day; never where it is."""
    name = _report_name(report)
    day = report.get("effectiveDateTime") or report.get("issued")
    kind = report["code"]["coding"][0]
    absent = {"extension": [{"url": systems.ABSENT, "valueCode": "masked"}]}
    attachment = {"title": kind.get("display"), "creation": day, "_url": absent}
    studies = [one["identifier"] for one in report["imagingStudy"]]
    made = {
        "resourceType": "DocumentReference",
        "id": report_id,
        "extension": [one for one in report.get("extension", []) if one.get("url") == systems.READABLE_FROM],
        "masterIdentifier": name,
        "identifier": [name],
        "status": "current",
        "docStatus": _DOC_STATUS.get(report["status"]),
        "type": {"coding": [kind]},
        "category": [_concept(CATEGORIES, REPORTS)],
        "subject": _subject(bsn),
        "author": [_organisation(*hospital)],
        "custodian": _organisation(*hospital),
        "description": kind.get("display"),
        "content": [{"attachment": {field: value for field, value in attachment.items() if value}}],
        "context": {"related": [{"identifier": _study_name(one)} for one in studies]},
        **_marks(report),
    }
    return {field: value for field, value in made.items() if value not in (None, "", [])}


def document_id(entry_id: str, encoding: Encoding) -> str:
    """The logical id of a manifest's envelope."""
    return f"{entry_id}-{encoding}"


def uid_name(uid: str) -> Resource:
    """An OID as the name of a document."""
    return {"system": systems.URI, "value": systems.OID_PREFIX + uid}


def accession_identifier(number: str, issuer: str) -> Resource:
    """The number of an order, with who gave it out where that is known."""
    kinds = [
        {"system": systems.IDENTIFIER_TYPE, "code": systems.ACCESSION, "display": "Accession ID"},
        {"system": systems.DCM, "code": systems.DCM_ACCESSION, "display": "Accession Number"},
    ]
    told = {"type": {"coding": kinds}, "value": number}
    return {**told, "system": systems.OID_PREFIX + issuer} if issuer else told


def study_identifier(uid: str) -> Resource:
    """A Study Instance UID, typed as MADO asks."""
    kind = _concept(systems.DCM, "110180", "Study Instance UID")
    return {"type": kind, "system": systems.DICOM_UID, "value": systems.OID_PREFIX + uid}


def _context(told: Told) -> Resource:
    day = told.day.isoformat() if told.day else None
    unknown = {"_start": {"extension": [{"url": systems.ABSENT, "valueCode": "unknown"}]}}
    related = [study_identifier(told.study_uid)]
    if told.accession[0]:
        related.append(accession_identifier(*told.accession))
    events = [{"coding": [one]} for one in values.objects(told.study.get("modality"))]
    context: Resource = {
        "period": {"start": day} if day else unknown,
        "facilityType": _concept(systems.SNOMED, "79491001", "Hospital radiology facility"),
        "practiceSetting": _concept(systems.SNOMED, "394914008", "Radiology"),
        "related": [{"identifier": one} for one in related],
    }
    return {**context, "event": events} if events else context


def _marks(resource: Resource) -> dict[str, Any]:
    """From whom an entry is withheld, as far as whoever looks may know."""
    security = resource.get("meta", {}).get("security")
    return {"meta": {"security": security}} if security else {}


def _study_name(identifier: Resource) -> Resource:
    return study_identifier(values.uid(identifier.get("value")))


def _report_name(report: Resource) -> Resource:
    """The instance that holds it as an OID, or its hospital's own number with its system."""
    (identifier,) = report["identifier"]
    uid = values.uid(identifier["value"]) if identifier["system"] == systems.DICOM_UID else ""
    return uid_name(uid) if uid else {"system": identifier["system"], "value": identifier["value"]}


def _modality(coding: Resource) -> Resource:
    return {"url": f"{MADO}/ext-R5-DocumentReference.modality", "valueCodeableConcept": {"coding": [coding]}}


def _subject(bsn: BSN) -> Resource:
    return {"identifier": {"system": systems.BSN, "value": bsn.reveal()}}


def _organisation(name: str, ura: str) -> Resource:
    return {"type": "Organization", "identifier": {"system": systems.URA, "value": ura}, "display": name}


def _concept(system: str, code: str, display: str = "") -> Resource:
    return {"coding": [{"system": system, "code": code} | ({"display": display} if display else {})]}
