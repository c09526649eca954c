"""A FHIR R4 registry: ImagingStudy, DiagnosticReport and Endpoint in a searchset, in pages where it wants to.

Every Bundle that it sends is checked against the FHIR definitions (fhir.resources), but for what a test spoils.
*Source:* FHIR R4 (4.0.1) ImagingStudy, DiagnosticReport, Endpoint, Bundle.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from fhir.resources.R4B.bundle import Bundle
from starlette.requests import Request
from starlette.responses import Response
from tests.registries.stub import Stub

from beeldpas.demo.registries.entries import BSN_SYSTEM, DCM, URA_SYSTEM, Alone, Entry, Resource, day

REPLACES = "http://hl7.org/fhir/StructureDefinition/diagnosticReport-replaces"


@dataclass(slots=True)
class FhirStub(Stub):
    """`page_size` entries on a page (0: all); `spoil` changes a page before it leaves, which is then not checked."""

    page_size: int = 0
    more: list[Resource] = field(default_factory=list)
    spoil: Callable[[Resource], None] | None = None

    def reset(self) -> None:
        """Forget everything."""
        Stub.reset(self)
        self.page_size, self.spoil = 0, None
        self.more.clear()

    async def answer(self, request: Request, body: bytes) -> Response:
        if request.method == "POST" and request.url.path == "/fhir/ImagingStudy/_search":
            form = {name: value[0] for name, value in parse_qs(body.decode()).items()}
            if not form.get("patient.identifier", "").startswith(f"{BSN_SYSTEM}|"):
                return refused(400, "patient.identifier is needed")
            return self._page(0)
        if request.method == "GET" and request.url.path == "/fhir/pages":
            return self._page(int(request.query_params["from"]))
        return refused(404, "not here")

    def _page(self, start: int) -> Response:
        found = [*studies(self), *self.more]
        size = self.page_size or max(1, len(found))
        bundle: Resource = {"resourceType": "Bundle", "type": "searchset", "total": len(found)}
        if part := found[start : start + size]:
            bundle["entry"] = [in_searchset(f"{self.base_url}/fhir", one) for one in part]
        if start + size < len(found):
            bundle["link"] = [{"relation": "next", "url": f"{self.base_url}/fhir/pages?from={start + size}"}]
        if self.spoil:
            self.spoil(bundle)
        else:
            Bundle.model_validate(bundle)
        return Response(json.dumps(bundle), media_type="application/fhir+json")


def refused(status: int, why: str) -> Response:
    """An OperationOutcome."""
    issue = {"severity": "error", "code": "invalid", "diagnostics": why}
    outcome = {"resourceType": "OperationOutcome", "issue": [issue]}
    return Response(json.dumps(outcome), status, media_type="application/fhir+json")


def in_searchset(base: str, resource: Resource) -> Resource:
    """An entry of a searchset."""
    mode = {"ImagingStudy": "match", "OperationOutcome": "outcome"}.get(resource["resourceType"], "include")
    return {
        "fullUrl": f"{base}/{resource['resourceType']}/{resource.get('id')}",
        "resource": resource,
        "search": {"mode": mode},
    }


def studies(stub: Stub, at: str = "") -> list[Resource]:
    """Everything that is registered, or what one hospital registered, as resources; each resource once."""
    made: dict[tuple[str, str], Resource] = {}
    for number, entry in enumerate(one for one in stub.entries if at in ("", one.at.gateway_id)):
        for one in _study(stub, entry, number):
            made[one["resourceType"], one["id"]] = one
    for alone in (one for one in stub.alone if at in ("", one.at.gateway_id)):
        one = _report(alone, f"r{alone.report.sop_uid.rpartition('.')[2]}-alone")
        made["DiagnosticReport", one["id"]] = one
    return list(made.values())


def _study(stub: Stub, entry: Entry, number: int) -> list[Resource]:
    study, place = entry.study, f"e{number}"
    owner = {"identifier": {"system": URA_SYSTEM, "value": entry.at.ura}, "display": entry.at.name}
    endpoint = {
        "resourceType": "Endpoint",
        "id": place,
        "status": "active",
        "name": entry.at.name,
        "connectionType": {
            "system": "http://terminology.hl7.org/CodeSystem/endpoint-connection-type",
            "code": "dicom-wado-rs",
        },
        "payloadType": [{"text": "DICOM WADO-RS"}],
        "managingOrganization": owner,
        "address": stub.images_at(entry),
    }
    reports = [_report(Alone(one, study.study_uid, study.bsn, entry.at), f"r{number}") for one in study.reports]
    return [_imaging_study(entry, number, place), *reports, endpoint]


def _imaging_study(entry: Entry, number: int, place: str) -> Resource:
    study = entry.study
    accession = {"type": {"coding": [{"code": "ACSN"}]}, "system": "urn:oid:2.16.1", "value": study.accession}
    custodian = {"system": URA_SYSTEM, "value": entry.at.ura}
    made: Resource = {
        "resourceType": "ImagingStudy",
        "id": f"s{number}",
        "extension": [
            {"url": "urn:beeldpas:origin", "valueBoolean": study.origin},
            {"url": "urn:beeldpas:custodian", "valueIdentifier": custodian},
        ],
        "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:{study.study_uid}"}, accession],
        "status": "available",
        "subject": {"identifier": {"system": BSN_SYSTEM, "value": study.bsn.reveal()}},
        "started": day(study.started),
        "endpoint": [{"reference": f"Endpoint/{place}"}],
        "description": study.description,
        "modality": [
            {"system": DCM, "code": one} for one in sorted({s.modality for s in study.series if s.modality})
        ],
        "series": [
            {
                "uid": one.uid,
                "modality": {"system": DCM, "code": one.modality or "OT"},
                "numberOfInstances": one.instances,
                "bodySite": {"system": "http://snomed.info/sct", "code": "51185008", "display": one.body_part},
            }
            for one in study.series
            if one.modality
        ],
    }
    return {name: value for name, value in made.items() if value not in (None, [])}


def _report(alone: Alone, identifier: str) -> Resource:
    made: Resource = {
        "resourceType": "DiagnosticReport",
        "id": identifier,
        "identifier": [_uid(alone.report.sop_uid)],
        "status": alone.report.status,
        "code": {
            "coding": [{"system": "http://loinc.org", "code": "18748-4", "display": "Diagnostic imaging study"}]
        },
        "subject": {"identifier": {"system": BSN_SYSTEM, "value": alone.bsn.reveal()}},
        "imagingStudy": [{"identifier": _uid(alone.study_uid)}],
        "performer": [{"display": alone.at.name}],
    }
    if alone.report.made:
        made["effectiveDateTime"] = day(alone.report.made)
    if alone.replaces:
        made["extension"] = [{"url": REPLACES, "valueReference": {"identifier": _uid(alone.replaces)}}]
    return made


def _uid(uid: str) -> Resource:
    return {"system": "urn:dicom:uid", "value": f"urn:oid:{uid}"}
