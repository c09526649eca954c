"""What the door for documents can do, in FHIR's own form: no more and no less than the files beside this one.

*Source:* FHIR R4 CapabilityStatement; IHE ITI MHD (Document Responder); docs/wire.md §2.
"""

from starlette.requests import Request
from starlette.responses import Response

from beeldpas.formats.fhir import text
from beeldpas.formats.fhir.text import Resource
from beeldpas.registry.capability import SECURITY
from beeldpas.registry.index import Index

_WRITTEN = "2026-11-25"
_PARAMETERS = {
    "patient.identifier": "required: the BSN with its system, by POST only",
    "status": "required: only current documents are kept",
    "category": "IMAGES (manifests) or REPORTS",
    "format": "of a manifest: FHIR or Key Object Selection",
    "study-instance-uid": "one study, by its UID",
}


async def metadata(request: Request) -> Response:
    """`GET /mhd/metadata`."""
    index: Index = request.app.state.index
    return Response(text.render(statement(index.settings.mhd_base)), media_type=text.MEDIA_TYPE)


def statement(base: str) -> Resource:
    """The CapabilityStatement of the door at this base."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": _WRITTEN,
        "kind": "instance",
        "software": {"name": "beeldpas registry"},
        "implementation": {"description": "Index of manifests (IHE MHD, MADO) and reports", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "rest": [
            {
                "mode": "server",
                "documentation": "ITI-67 by POST. ITI-68: a manifest as FHIR document or as a DICOM file, at the "
                "address in its DocumentReference; for ten minutes, for who got it. Reports are not served.",
                "security": {
                    "service": [{"coding": [{"system": SECURITY, "code": "OAuth"}]}],
                    "description": "A signed question for each request, with this base as its audience.",
                },
                "resource": [_documents(), *map(_fetched, ("Bundle", "Binary"))],
            }
        ],
    }


def _documents() -> Resource:
    return {
        "type": "DocumentReference",
        "interaction": [{"code": "search-type"}],
        "searchParam": [
            {
                "name": name.partition(".")[0],
                "type": "reference" if name.startswith("patient") else "token",
                "documentation": words,
            }
            for name, words in _PARAMETERS.items()
        ],
    }


def _fetched(kind: str) -> Resource:
    words = "fetched at its sealed address: neither read by id nor searched"
    return {"type": kind, "documentation": words}
