"""The addresses of the door for documents, which are there only when it is set."""

from functools import partial

from starlette.routing import Route

from beeldpas.registry.mhd.capability import metadata
from beeldpas.registry.mhd.manifest import read_manifest
from beeldpas.registry.mhd.search import more_documents, search_documents


def routes() -> list[Route]:
    """Every address below `/mhd`."""
    return [
        Route("/mhd/metadata", metadata, methods=["GET"]),
        Route("/mhd/DocumentReference/_search", search_documents, methods=["POST"]),
        Route("/mhd/DocumentReference", more_documents, methods=["GET"]),
        Route("/mhd/Bundle", partial(read_manifest, encoding="fhir"), methods=["GET"]),
        Route("/mhd/Binary", partial(read_manifest, encoding="kos"), methods=["GET"]),
    ]
