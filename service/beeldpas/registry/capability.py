"""What this registry can do, in FHIR's own form: no more and no less than the doors beside this file.

*Source:* FHIR R4 CapabilityStatement; docs/wire.md §2.
"""

from starlette.requests import Request
from starlette.responses import Response

from beeldpas.formats.fhir import text
from beeldpas.formats.fhir.text import Resource
from beeldpas.registry.index import Index

_WRITTEN = "2026-11-24"
_SECURITY = "http://terminology.hl7.org/CodeSystem/restful-security-service"


async def metadata(request: Request) -> Response:
    """`GET /fhir/metadata`."""
    index: Index = request.app.state.index
    return Response(text.render(statement(index.settings.fhir_base)), media_type=text.MEDIA_TYPE)


def statement(base: str) -> Resource:
    """The CapabilityStatement of a registry at this FHIR base."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": _WRITTEN,
        "kind": "instance",
        "software": {"name": "beeldpas registry"},
        "implementation": {"description": "Index of imaging studies and reports", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "rest": [
            {
                "mode": "server",
                "security": {
                    "service": [{"coding": [{"system": _SECURITY, "code": "OAuth"}]}],
                    "description": "Publishing: client credentials with private_key_jwt. "
                    "Searching: a signed question for each request.",
                },
                "interaction": [{"code": "transaction"}],
                "resource": [_studies(), _reports(), _endpoints()],
            }
        ],
    }


def _studies() -> Resource:
    return {
        "type": "ImagingStudy",
        "interaction": [{"code": "search-type"}, {"code": "update"}],
        "versioning": "versioned-update",
        "conditionalUpdate": True,
        "searchInclude": ["ImagingStudy:endpoint"],
        "searchRevInclude": ["DiagnosticReport:imaging-study"],
        "searchParam": [
            {
                "name": "patient",
                "type": "reference",
                "documentation": "chained as patient.identifier, by POST only; required",
            }
        ],
    }


def _reports() -> Resource:
    return {
        "type": "DiagnosticReport",
        "interaction": [{"code": "update"}],
        "versioning": "versioned-update",
        "conditionalUpdate": True,
    }


def _endpoints() -> Resource:
    return {"type": "Endpoint", "interaction": [{"code": "update"}], "versioning": "versioned-update"}
