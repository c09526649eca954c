"""Where a viewer's pages come from: an origin of its own with OHIF, the npm client, and an empty page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from tests.house.tree import ROOT
from tests.running import running

MODULES = ROOT / "tests" / "clients" / "node_modules"
OHIF = MODULES / "@ohif" / "app" / "dist"


def app(dicomweb: str) -> Starlette:
    """The pages; OHIF is told of one DICOMweb server."""

    async def settings(_request: Request) -> Response:
        return Response(f"window.config = {json.dumps(configuration(dicomweb))}", media_type="text/javascript")

    async def viewer(_request: Request) -> Response:
        return FileResponse(OHIF / "index.html")

    async def empty(_request: Request) -> Response:
        return HTMLResponse("<!doctype html><title>-</title><script src='/client.js'></script>")

    async def client(_request: Request) -> Response:
        return FileResponse(MODULES / "dicomweb-client" / "build" / "dicomweb-client.js")

    return Starlette(
        routes=[
            Route("/app-config.js", settings),
            Route("/viewer", viewer),
            Route("/empty", empty),
            Route("/client.js", client),
            Mount("/", StaticFiles(directory=Path(OHIF))),
        ]
    )


def configuration(dicomweb: str) -> dict[str, object]:
    """What OHIF has to be told of a strict server that only reads."""
    source = {
        "friendlyName": "Ziekenhuis Noord",
        "name": "noord",
        "qidoRoot": dicomweb,
        "wadoRoot": dicomweb,
        "imageRendering": "wadors",
        "thumbnailRendering": "thumbnail",
        "thumbnailRequestStrategy": "fetch",
        "enableStudyLazyLoad": True,
        "supportsFuzzyMatching": True,
        "supportsWildcard": True,
        "supportsReject": False,
        "singlepart": "bulkdata,video,pdf",
        "bulkDataURI": {"enabled": True, "relativeResolution": "studies"},
    }
    return {
        "routerBasename": "/",
        "extensions": [],
        "modes": [],
        "showStudyList": False,
        "customizationService": {},
        "investigationalUseDialog": {"option": "never"},
        "defaultDataSourceName": "noord",
        "dataSources": [
            {
                "namespace": "@ohif/extension-default.dataSourcesModule.dicomweb",
                "sourceName": "noord",
                "configuration": source,
            }
        ],
    }


@contextmanager
def viewer_host(port: int, dicomweb: str) -> Iterator[str]:
    """Serve the pages; gives their origin."""
    with running(app(dicomweb), port=port):
        yield f"http://viewer.localhost:{port}"
