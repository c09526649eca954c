"""Runs one registry: python -m beeldpas.demo.registries SETTINGS."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from beeldpas.demo.registries import mhd, nvi, xds
from beeldpas.demo.registries.house import House
from beeldpas.demo.registries.settings import Kind, OtherRegistrySettings
from beeldpas.web.errors import exception_handlers
from beeldpas.web.logging import AccessLog, configure
from beeldpas.web.serve import harden, serve

DOORS: Mapping[Kind, Callable[[House], list[Route]]] = {"mhd": mhd.routes, "xds": xds.routes, "nvi": nvi.routes}


def run(file: Path) -> None:
    """Serve until told to stop."""
    settings = OtherRegistrySettings.load(file)
    configure(settings.kind)
    app = Starlette(
        routes=DOORS[settings.kind](House.build(settings)),
        middleware=[Middleware(AccessLog)],
        exception_handlers=exception_handlers("fhir"),
    )
    serve(
        harden(app),
        host="127.0.0.1",
        port=settings.port,
        tls_cert=settings.tls_cert,
        tls_key=settings.tls_key,
    )


if __name__ == "__main__":
    run(Path(sys.argv[1]))
