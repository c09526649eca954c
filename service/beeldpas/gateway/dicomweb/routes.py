"""The addresses below /dicom-web, which pages may read their answers, and what the requests share."""

from dataclasses import dataclass, field

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Mount, Route

from beeldpas.gateway.dicomweb.admission import Admissions
from beeldpas.gateway.dicomweb.bulkdata import bulkdata
from beeldpas.gateway.dicomweb.catalogue import Catalogue
from beeldpas.gateway.dicomweb.finding import Recent
from beeldpas.gateway.dicomweb.frames import frames
from beeldpas.gateway.dicomweb.images import Images
from beeldpas.gateway.dicomweb.metadata import metadata
from beeldpas.gateway.dicomweb.rendered import rendered, thumbnail
from beeldpas.gateway.dicomweb.retrieve import retrieve
from beeldpas.gateway.dicomweb.search import search

_ASKS = ("authorization", "accept", "content-type", "range")
_TELLS = ("content-location", "www-authenticate", "retry-after", "warning")
_STUDY, _SERIES, _INSTANCE = "/studies/{study}", "/series/{series}", "/instances/{instance}"


@dataclass(slots=True)
class Known:
    """What one request leaves for the next: tokens read, studies looked up and described, pixels located."""

    admissions: Admissions = field(default_factory=Admissions)
    recent: Recent = field(default_factory=Recent)
    images: Images = field(default_factory=Images)
    catalogue: Catalogue = field(default_factory=Catalogue)


def dicomweb(viewer_origin: str | None) -> Mount:
    """Return the routes; what a viewer asks for most stands first."""
    levels = (_STUDY, _STUDY + _SERIES, _STUDY + _SERIES + _INSTANCE)
    instance = levels[-1]
    routes = [
        Route(f"{instance}/frames/{{frames}}", frames, methods=["GET"]),
        Route(f"{instance}/frames/{{frame}}/rendered", rendered, methods=["GET"]),
        Route(f"{instance}/frames/{{frame}}/thumbnail", thumbnail, methods=["GET"]),
        Route(f"{instance}/bulkdata/{{path:path}}", bulkdata, methods=["GET"]),
        Route(f"{instance}/rendered", rendered, methods=["GET"]),
        Route("/studies", search("studies"), methods=["GET"]),
        Route("/series", search("series"), methods=["GET"]),
        Route("/instances", search("instances"), methods=["GET"]),
        Route(f"{_STUDY}/series", search("series"), methods=["GET"]),
        Route(f"{_STUDY}/instances", search("instances"), methods=["GET"]),
        Route(f"{_STUDY}{_SERIES}/instances", search("instances"), methods=["GET"]),
    ]
    for path in levels:
        routes += [
            Route(f"{path}/metadata", metadata, methods=["GET"]),
            Route(f"{path}/thumbnail", thumbnail, methods=["GET"]),
            Route(path, retrieve, methods=["GET"]),
        ]
    return Mount("/dicom-web", routes=routes, middleware=_cross_origin(viewer_origin))


def _cross_origin(viewer_origin: str | None) -> list[Middleware]:
    """Let the pages of one origin read the answers; they carry a token, never a cookie."""
    if viewer_origin is None:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=[viewer_origin],
            allow_methods=["GET"],
            allow_headers=_ASKS,
            expose_headers=_TELLS,
            max_age=600,
        )
    ]
