"""What a Document Responder of MHD says: the list of a person's documents (ITI-67), and a manifest as FHIR.

*Source:* IHE ITI MHD; the examples of IHE RAD MADO.
"""

from collections.abc import Iterable
from typing import Literal

from beeldpas.demo.registries.entries import BSN_SYSTEM, DCM, URA_SYSTEM, Alone, Entry, Organisation, Resource, day

Form = Literal["fhir", "kos", "twins"]
_MADO = "https://profiles.ihe.net/RAD/MADO/StructureDefinition"
_FORMATS = "http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode"
_XDS_CATEGORY = "urn:oid:1.3.6.1.4.1.19376.1.2.6.1"


def listed(
    base_url: str, entries: Iterable[tuple[int, Entry]], alone: Iterable[Alone] = (), form: Form = "fhir"
) -> Resource:
    """Answer which documents there are; manifest n is at `Binary/{fhir|kos}-{n}`. `form`: how manifests are kept."""
    found = [one for number, entry in entries for one in _of_entry(base_url, entry, number, form)]
    found += [_report(one, f"alone{number}") for number, one in enumerate(alone)]
    bundle: Resource = {"resourceType": "Bundle", "type": "searchset", "total": len(found)}
    if found:
        bundle["entry"] = [
            {
                "fullUrl": f"{base_url}/DocumentReference/{one['id']}",
                "resource": one,
                "search": {"mode": "match"},
            }
            for one in found
        ]
    return bundle


def manifest(entry: Entry, number: int, *, bare_uids: bool = False) -> Resource:
    """Write the manifest of an entry as a FHIR document; `bare_uids`: without `urn:oid:` before them."""
    base = "https://hospital.example/fhir"
    resources = _parts(entry, bare_uids)
    return {
        "resourceType": "Bundle",
        "type": "document",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:oid:{document_uid('fhir', number)}"},
        "timestamp": "2026-11-24T09:30:00Z",
        "entry": [{"fullUrl": f"{base}/{one['resourceType']}/{one['id']}", "resource": one} for one in resources],
    }


def document_uid(encoding: str, number: int) -> str:
    """What the manifest of this number is called."""
    return f"2.25.7{number}{'1' if encoding == 'fhir' else '2'}"


def _of_entry(base_url: str, entry: Entry, number: int, form: Form) -> list[Resource]:
    encodings = ["fhir", "kos"] if form == "twins" else [form]
    made = [_document(base_url, entry, number, one) for one in encodings]
    if form == "twins":
        made[0]["relatesTo"] = [{"code": "transforms", "target": {"reference": f"DocumentReference/kos-{number}"}}]
    reports = [
        _report(Alone(one, entry.study.study_uid, entry.study.bsn, entry.at), f"report{number}-{nth}")
        for nth, one in enumerate(entry.study.reports)
    ]
    return [*made, *reports]


def _document(base_url: str, entry: Entry, number: int, encoding: str) -> Resource:
    study = entry.study
    is_fhir = encoding == "fhir"
    name = {"system": "urn:ietf:rfc:3986", "value": f"urn:oid:{document_uid(encoding, number)}"}
    modalities = sorted({one.modality for one in study.series if one.modality})
    made = {
        **_about(study.study_uid, study.bsn.reveal(), entry.at, name),
        "id": f"{encoding}-{number}",
        "extension": [{"url": f"{_MADO}/modality", "valueCodeableConcept": _concept(DCM, one)} for one in modalities],
        "category": [_concept(_XDS_CATEGORY, "IMAGES")],
        "type": _concept("http://loinc.org", "18748-4"),
        "description": study.description,
        "content": [
            {
                "attachment": {
                    "contentType": "application/fhir+json" if is_fhir else "application/dicom",
                    "url": f"{base_url}/Binary/{encoding}-{number}",
                },
                "format": {"system": _FORMATS, "code": "urn:ihe:rad:MADO:fhir-manifest:2026"}
                if is_fhir
                else {"system": "urn:oid:1.2.840.10008.2.6.1", "code": "1.2.840.10008.5.1.4.1.1.88.59"},
            }
        ],
    }
    if study.started:
        made["context"]["period"] = {"start": day(study.started)}
    return _said(made)


def _report(alone: Alone, identifier: str) -> Resource:
    name = {"system": "urn:ietf:rfc:3986", "value": f"urn:oid:{alone.report.sop_uid}"}
    attachment = _said(
        {
            "contentType": "application/pdf",
            "url": "https://elsewhere.example/report",
            "creation": day(alone.report.made),
        }
    )
    made = {
        **_about(alone.study_uid, alone.bsn.reveal(), alone.at, name),
        "id": identifier,
        "docStatus": alone.report.status,
        "category": [_concept(_XDS_CATEGORY, "REPORTS")],
        "type": _concept("http://snomed.info/sct", "722124004"),
        "content": [{"attachment": attachment}],
    }
    if alone.replaces:
        earlier = {"system": "urn:ietf:rfc:3986", "value": f"urn:oid:{alone.replaces}"}
        made["relatesTo"] = [{"code": "replaces", "target": {"identifier": earlier}}]
    return made


def _about(study_uid: str, bsn: str, at: Organisation, name: Resource) -> Resource:
    """What every document of the index has: its name, whose and of which study it is, and who made it."""
    related = {"system": "urn:dicom:uid", "value": f"urn:oid:{study_uid}", "type": _concept(DCM, "110180")}
    return {
        "resourceType": "DocumentReference",
        "masterIdentifier": name,
        "identifier": [name],
        "status": "current",
        "subject": {"identifier": {"system": BSN_SYSTEM, "value": bsn}},
        "author": [{"identifier": {"system": URA_SYSTEM, "value": at.ura}, "display": at.name}],
        "context": {"related": [{"identifier": related}]},
    }


def _parts(entry: Entry, bare_uids: bool) -> list[Resource]:
    """The resources of a manifest, the composition first."""
    return [
        {
            "resourceType": "Composition",
            "id": "c",
            "status": "final",
            "type": _concept("http://loinc.org", "18748-4"),
            "subject": {"reference": "Patient/p"},
            "date": "2026-11-24T09:30:00Z",
            "author": [{"reference": "Organization/o"}],
            "title": "Manifest",
        },
        _manifested(entry, bare_uids),
        {
            "resourceType": "Patient",
            "id": "p",
            "identifier": [{"system": BSN_SYSTEM, "value": entry.study.bsn.reveal()}],
        },
        {
            "resourceType": "Organization",
            "id": "o",
            "name": entry.at.name,
            "identifier": [{"system": URA_SYSTEM, "value": entry.at.ura}],
        },
        {
            "resourceType": "Endpoint",
            "id": "w",
            "status": "active",
            "extension": [{"url": f"{_MADO}/retrieve-location-uid", "valueString": "1.2.3.4.5"}],
            "connectionType": {
                "system": "http://terminology.hl7.org/CodeSystem/endpoint-connection-type",
                "code": "dicom-wado-rs",
            },
            "payloadType": [{"text": "DICOM WADO-RS"}],
            "address": entry.address,
        },
    ]


def _manifested(entry: Entry, bare_uids: bool) -> Resource:
    study = entry.study
    uid = study.study_uid if bare_uids else f"urn:oid:{study.study_uid}"
    accession = {"type": _concept("http://terminology.hl7.org/CodeSystem/v2-0203", "ACSN")}
    identified = {**accession, "system": f"urn:oid:{entry.orders}", "value": study.accession}
    return _said(
        {
            "resourceType": "ImagingStudy",
            "id": "s",
            "identifier": [{"type": _concept(DCM, "110180"), "system": "urn:dicom:uid", "value": uid}],
            "basedOn": [{"type": "ServiceRequest", "identifier": identified}] if study.accession else [],
            "status": "available",
            "subject": {"reference": "Patient/p"},
            "started": day(study.started),
            "numberOfSeries": len(study.series),
            "procedureCode": [{"text": study.procedure}] if study.procedure else [],
            "description": study.description,
            "series": [
                _said(
                    {
                        "uid": one.uid,
                        "number": one.number,
                        "modality": {"system": DCM, "code": one.modality} if one.modality else {"display": "unknown"},
                        "description": one.description,
                        "numberOfInstances": one.instances,
                        "bodySite": _body_site(one.body_part),
                        "endpoint": [{"reference": "Endpoint/w"}],
                    }
                )
                for one in study.series
            ],
        }
    )


def _body_site(words: str) -> Resource | None:
    return {"system": "http://snomed.info/sct", "code": "51185008", "display": words} if words else None


def _said(resource: Resource) -> Resource:
    """FHIR has no empty values: what nobody said is not there."""
    return {name: value for name, value in resource.items() if value not in (None, "", [])}


def _concept(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}
