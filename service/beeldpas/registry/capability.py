"""What this registry can do, in FHIR's own form: no more and no less than the doors beside this file.

*Source:* FHIR R4 CapabilityStatement; docs/wire.md §2.
"""

from starlette.requests import Request
from starlette.responses import Response

from beeldpas.formats.fhir import text
from beeldpas.formats.fhir.text import Resource
from beeldpas.registry.index import Index

_WRITTEN = "2026-11-24"
SECURITY = "http://terminology.hl7.org/CodeSystem/restful-security-service"


async def metadata(request: Request) -> Response:
    """`GET /fhir/metadata`."""
    index: Index = request.app.state.index
    documents = index.settings.mhd_base if index.settings.mhd else ""
    return Response(text.render(statement(index.settings.fhir_base, documents)), media_type=text.MEDIA_TYPE)


def statement(base: str, documents: str = "") -> Resource:
    """The CapabilityStatement of a registry at this base; `documents`: where its door for them is, if any."""
    beside = {"documentation": f"Beside this, an index of documents (IHE MHD): {documents}/metadata"}
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
                **(beside if documents else {}),
                "security": {
                    "service": [{"coding": [{"system": SECURITY, "code": "OAuth"}]}],
                    "description": "Publishing: client credentials with private_key_jwt. "
                    "Searching, and keeping a study back: a signed question for each request.",
                },
                "interaction": [{"code": "transaction"}],
                "resource": [_studies(), _reports(), _endpoints()],
            }
        ],
    }


_OF_OWN = "reading, versions and history: by the hospital that published it, without its subject"
_INTERACTIONS = ("read", "vread", "update", "delete", "history-instance")


def _versioned(kind: str, *more: str) -> Resource:
    return {
        "type": kind,
        "documentation": _OF_OWN,
        "interaction": [{"code": code} for code in (*_INTERACTIONS, *more)],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": True,
        "conditionalUpdate": True,
        "conditionalDelete": "single",
    }


def _studies() -> Resource:
    return _versioned("ImagingStudy", "search-type") | {
        "searchInclude": ["ImagingStudy:endpoint"],
        "searchRevInclude": ["DiagnosticReport:imaging-study"],
        "searchParam": [
            {
                "name": "patient",
                "type": "reference",
                "documentation": "chained as patient.identifier, by POST only; required of a question",
            },
            {
                "name": "_lastUpdated",
                "type": "date",
                "documentation": "prefixes ge, gt, le, lt; beside _count, with next links of ten minutes",
            },
        ],
        "operation": [_operation("restrict"), _operation("release")],
    }


def _operation(name: str) -> Resource:
    return {
        "name": name,
        "definition": f"urn:beeldpas:operation:{name}",
        "documentation": "a person keeps a study from care providers, or shows it again; by POST of a form",
    }


def _reports() -> Resource:
    return _versioned("DiagnosticReport")


def _endpoints() -> Resource:
    return {"type": "Endpoint", "interaction": [{"code": "update"}], "versioning": "versioned-update"}
