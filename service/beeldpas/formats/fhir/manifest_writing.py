"""Writing a manifest as FHIR: a document Bundle with one study, down to its instances, and where they can be fetched.

*Source:* IHE RAD MADO (MadoFhirBundle, MadoComposition, MadoImagingStudy, MadoWadoEndpoint); FHIR R4 §3.3.
"""

from html import escape

from beeldpas.formats.fhir import systems
from beeldpas.formats.fhir.envelopes import (
    CATEGORIES,
    IMAGES,
    MADO,
    accession_identifier,
    study_identifier,
    uid_name,
)
from beeldpas.formats.fhir.text import Resource
from beeldpas.formats.instance_lists import put_together
from beeldpas.formats.mado import Manifested, derived_uuid

_DEVICE_TYPE = "https://profiles.ihe.net/RAD/MADO/CodeSystem/MadoDeviceType"
_KEPT = ("extension", "status", "modality", "started", "numberOfSeries", "numberOfInstances", "description", "meta")


def write_manifest(told: Manifested) -> Resource:
    """Return the document. Its identifier is the SOP Instance UID of its twin, which says the same as DICOM."""
    parts = {
        "Composition": _composition(told),
        "ImagingStudy": _study(told),
        "Patient": {"identifier": [{"system": systems.BSN, "value": told.bsn.reveal()}]},
        "Endpoint": _endpoint(told),
        "Device": _device(told),
        "Organization": {
            "name": told.holder.name,
            "identifier": [{"system": systems.URA, "value": told.holder.ura}],
        },
    }
    return {
        "resourceType": "Bundle",
        "type": "document",
        "identifier": uid_name(told.uid),
        "timestamp": told.made_at,
        "entry": [
            {"fullUrl": _address(told, kind), "resource": {"resourceType": kind, **part}}
            for kind, part in parts.items()
        ],
    }


def _composition(told: Manifested) -> Resource:
    title = " ".join(filter(None, (told.study.get("description") or "Imaging study", str(told.day or ""))))
    counted = sum(len(listed) for listed in told.lists.values())
    words = f"{title}. {told.holder.name}: {len(told.lists)} series, {counted} instances."
    return {
        "text": {
            "status": "generated",
            "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{escape(words)}</p></div>',
        },
        "identifier": uid_name(told.uid),
        "status": "final",
        "type": _concept(systems.LOINC, systems.IMAGING_REPORT, systems.IMAGING_REPORT_TITLE),
        "category": [_concept(CATEGORIES, IMAGES)],
        "subject": _reference(told, "Patient"),
        "date": told.made_at,
        "author": [_reference(told, "Organization"), _reference(told, "Device")],
        "title": title,
        "custodian": _reference(told, "Organization"),
        "event": [{"detail": [_reference(told, "ImagingStudy")]}],
    }


def _study(told: Manifested) -> Resource:
    number, issuer = told.accession
    endpoint = [_reference(told, "Endpoint")]
    full = put_together(told.study, told.lists)
    words = _procedure(told.study)
    made = {
        **{name: full[name] for name in _KEPT if name in full},
        "identifier": [study_identifier(told.study_uid)],
        "subject": _reference(told, "Patient"),
        "basedOn": [{"type": "ServiceRequest", "identifier": accession_identifier(number, issuer)}]
        if number
        else None,
        "endpoint": endpoint,
        "procedureCode": [{"text": words}] if words else None,
        "series": [{**one, "endpoint": endpoint} for one in full["series"]],
    }
    return {name: value for name, value in made.items() if value is not None}


def _procedure(study: Resource) -> str:
    """What was done, in words that can be shown: the procedure, or else the description."""
    told = [str(one["text"]) for one in study.get("procedureCode", []) if one.get("text")]
    return next(iter(told), "") or str(study.get("description", ""))


def _endpoint(told: Manifested) -> Resource:
    """The hospital's own endpoint as it published it, with the UID of its archive."""
    kept = {name: value for name, value in told.holder.endpoint.items() if name not in ("resourceType", "meta", "id")}
    location = {"url": f"{MADO}/MadoRetrieveLocationUIDExtension", "valueString": told.holder.location}
    payload = {"coding": [{"system": systems.PAYLOAD_TYPE, "code": "none"}], "text": "DICOM WADO-RS"}
    return {**kept, "extension": [location], "payloadType": [payload]}


def _device(told: Manifested) -> Resource:
    return {
        "type": _concept(_DEVICE_TYPE, "mado-creator", "MADO Creator"),
        "manufacturer": "beeldpas",
        "deviceName": [{"name": "beeldpas registry", "type": "model-name"}],
        "owner": _reference(told, "Organization"),
    }


def _address(told: Manifested, kind: str) -> str:
    return f"urn:uuid:{derived_uuid(told.uid, kind)}"


def _reference(told: Manifested, kind: str) -> Resource:
    return {"reference": _address(told, kind), "type": kind}


def _concept(system: str, code: str, display: str = "") -> Resource:
    return {"coding": [{"system": system, "code": code} | ({"display": display} if display else {})]}
