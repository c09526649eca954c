"""A Document Responder of MHD: ITI-67 by POST, ITI-68 for the manifests, in FHIR, as KOS, or both.

It refuses a question without person or status, as ITI-67 asks. What it sends is checked against the FHIR definitions
(fhir.resources), but for what a test spoils. *Source:* IHE ITI MHD; the examples of IHE RAD MADO.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qs

from fhir.resources.R4B.bundle import Bundle
from starlette.requests import Request
from starlette.responses import Response
from tests.registries.fhir_stub import BSN_SYSTEM, DCM, URA_SYSTEM, refused
from tests.registries.kos_file import FINAL, kos_file
from tests.registries.stub import Alone, Entry, Stub, day

Resource = dict[str, Any]
Form = Literal["fhir", "kos", "twins"]
MADO = "https://profiles.ihe.net/RAD/MADO/StructureDefinition"
FORMATS = "http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode"
_XDS_CATEGORY = "urn:oid:1.3.6.1.4.1.19376.1.2.6.1"


@dataclass(slots=True)
class MhdStub(Stub):
    """`form`: how manifests are kept; `codes`: of KOS manifests; `spoil` changes a list before it leaves."""

    form: Form = "fhir"
    codes: dict[str, tuple[str, str]] | None = None
    bare_uids: bool = False
    spoil: Callable[[Resource], None] | None = None
    manifest: Callable[[Request], Response | None] | None = None

    def reset(self) -> None:
        """Forget everything."""
        Stub.reset(self)
        self.form, self.codes, self.bare_uids, self.spoil, self.manifest = "fhir", None, False, None, None

    async def answer(self, request: Request, body: bytes) -> Response:
        path = request.url.path
        if request.method == "POST" and path == "/DocumentReference/_search":
            return self._documents({name: value[0] for name, value in parse_qs(body.decode()).items()})
        if request.method == "GET" and path.startswith("/Binary/"):
            if self.manifest and (other := self.manifest(request)):
                return other
            encoding, number = path.removeprefix("/Binary/").split("-")
            return self._manifest(encoding, self.entries[int(number)], int(number), request.headers["accept"])
        return refused(404, "not here")

    def _documents(self, form: dict[str, str]) -> Response:
        if not form.get("patient.identifier", "").startswith(f"{BSN_SYSTEM}|") or form.get("status") != "current":
            return refused(400, "patient or patient.identifier, and status, are needed")
        found = [one for number, entry in enumerate(self.entries) for one in self._of_entry(entry, number)]
        found += [_report(one, f"alone{number}") for number, one in enumerate(self.alone)]
        base = self.base_url
        bundle: Resource = {"resourceType": "Bundle", "type": "searchset", "total": len(found)}
        if found:
            bundle["entry"] = [
                {
                    "fullUrl": f"{base}/DocumentReference/{one['id']}",
                    "resource": one,
                    "search": {"mode": "match"},
                }
                for one in found
            ]
        if self.spoil:
            self.spoil(bundle)
        else:
            Bundle.model_validate(bundle)
        return Response(json.dumps(bundle), media_type="application/fhir+json")

    def _of_entry(self, entry: Entry, number: int) -> list[Resource]:
        encodings = ["fhir", "kos"] if self.form == "twins" else [self.form]
        made = [self._document(entry, number, one) for one in encodings]
        if self.form == "twins":
            made[0]["relatesTo"] = [
                {"code": "transforms", "target": {"reference": f"DocumentReference/kos-{number}"}}
            ]
        reports = [
            _report(Alone(one, entry.study.study_uid, entry.study.bsn, entry.at), f"report{number}")
            for one in entry.study.reports
        ]
        return [*made, *reports]

    def _document(self, entry: Entry, number: int, encoding: str) -> Resource:
        study = entry.study
        is_fhir = encoding == "fhir"
        name = {"system": "urn:ietf:rfc:3986", "value": f"urn:oid:2.25.7{number}{'1' if is_fhir else '2'}"}
        modalities = sorted({one.modality for one in study.series if one.modality})
        coded = [{"url": f"{MADO}/modality", "valueCodeableConcept": _concept(DCM, one)} for one in modalities]
        made = {
            **_about(study.study_uid, study.bsn.reveal(), entry.at, name),
            "id": f"{encoding}-{number}",
            "extension": coded,
            "category": [_concept(_XDS_CATEGORY, "IMAGES")],
            "type": _concept("http://loinc.org", "18748-4"),
            "description": study.description,
            "content": [
                {
                    "attachment": {
                        "contentType": "application/fhir+json" if is_fhir else "application/dicom",
                        "url": f"{self.base_url}/Binary/{encoding}-{number}",
                    },
                    "format": {"system": FORMATS, "code": "urn:ihe:rad:MADO:fhir-manifest:2026"}
                    if is_fhir
                    else {"system": "urn:oid:1.2.840.10008.2.6.1", "code": "1.2.840.10008.5.1.4.1.1.88.59"},
                }
            ],
        }
        if study.started:
            made["context"]["period"] = {"start": day(study.started)}
        return {key: value for key, value in made.items() if value != []}

    def _manifest(self, encoding: str, entry: Entry, number: int, accept: str) -> Response:
        wanted = "application/fhir+json" if encoding == "fhir" else "application/dicom"
        if wanted not in accept:
            return refused(406, "not in that form")
        if encoding == "kos":
            file = kos_file(entry, f"2.25.7{number}2", self.images_at(entry), self.codes or FINAL)
            return Response(file, media_type=wanted)
        bundle = self._bundle(entry, number)
        if entry.study.study_uid.replace(".", "").isdigit():
            Bundle.model_validate(bundle)
        return Response(json.dumps(bundle), media_type=wanted)

    def _bundle(self, entry: Entry, number: int) -> Resource:
        study, base = entry.study, "https://hospital.example/fhir"
        resources = [
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
            _manifested(entry, self.bare_uids),
            {
                "resourceType": "Patient",
                "id": "p",
                "identifier": [{"system": BSN_SYSTEM, "value": study.bsn.reveal()}],
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
                "extension": [{"url": f"{MADO}/retrieve-location-uid", "valueString": "1.2.3.4.5"}],
                "connectionType": {
                    "system": "http://terminology.hl7.org/CodeSystem/endpoint-connection-type",
                    "code": "dicom-wado-rs",
                },
                "payloadType": [{"text": "DICOM WADO-RS"}],
                "address": self.images_at(entry),
            },
        ]
        return {
            "resourceType": "Bundle",
            "type": "document",
            "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:oid:2.25.7{number}1"},
            "timestamp": "2026-11-24T09:30:00Z",
            "entry": [{"fullUrl": f"{base}/{one['resourceType']}/{one['id']}", "resource": one} for one in resources],
        }


def _manifested(entry: Entry, bare_uids: bool) -> Resource:
    study = entry.study
    uid = study.study_uid if bare_uids else f"urn:oid:{study.study_uid}"
    accession = {"type": _concept("http://terminology.hl7.org/CodeSystem/v2-0203", "ACSN")}
    made: Resource = {
        "resourceType": "ImagingStudy",
        "id": "s",
        "identifier": [{"type": _concept(DCM, "110180"), "system": "urn:dicom:uid", "value": uid}],
        "basedOn": [
            {
                "type": "ServiceRequest",
                "identifier": {**accession, "system": "urn:oid:2.16.1", "value": study.accession},
            }
        ],
        "status": "available",
        "subject": {"reference": "Patient/p"},
        "started": day(study.started),
        "numberOfSeries": len(study.series),
        "procedureCode": [{"text": study.procedure}],
        "description": study.description,
        "series": [
            {
                "uid": one.uid,
                "modality": {"system": DCM, "code": one.modality} if one.modality else {"display": "unknown"},
                "numberOfInstances": one.instances,
                "bodySite": {"system": "http://snomed.info/sct", "code": "51185008", "display": one.body_part},
                "endpoint": [{"reference": "Endpoint/w"}],
            }
            for one in study.series
        ],
    }
    return {name: value for name, value in made.items() if value is not None}


def _report(alone: Alone, identifier: str) -> Resource:
    name = {"system": "urn:ietf:rfc:3986", "value": f"urn:oid:{alone.report.sop_uid}"}
    made = {
        **_about(alone.study_uid, alone.bsn.reveal(), alone.at, name),
        "id": identifier,
        "docStatus": alone.report.status,
        "category": [_concept(_XDS_CATEGORY, "REPORTS")],
        "type": _concept("http://snomed.info/sct", "722124004"),
        "content": [
            {
                "attachment": {
                    "contentType": "application/pdf",
                    "url": "https://elsewhere.example/report",
                    "creation": day(alone.report.made),
                }
            }
        ],
    }
    if alone.replaces:
        earlier = {"system": "urn:ietf:rfc:3986", "value": f"urn:oid:{alone.replaces}"}
        made["relatesTo"] = [{"code": "replaces", "target": {"identifier": earlier}}]
    return made


def _about(study_uid: str, bsn: str, at: Any, name: Resource) -> Resource:
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


def _concept(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}
