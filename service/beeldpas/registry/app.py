"""The registry as a web application: its doors, and the layers that every request passes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from beeldpas.audit.checkpoint import LogKeys
from beeldpas.audit.keeping import keep_log
from beeldpas.registry.capability import metadata
from beeldpas.registry.health import live, ready, show_metrics
from beeldpas.registry.index import Index
from beeldpas.registry.metrics import Timed
from beeldpas.registry.mhd.routes import routes as documents_routes
from beeldpas.registry.own import entry_history, own_entries, read_entry, studies_by_address
from beeldpas.registry.publish import publish_many, publish_one, take_out
from beeldpas.registry.questions import SOURCE
from beeldpas.registry.restricting import release_study, restrict_study
from beeldpas.registry.search import search_studies
from beeldpas.registry.token import token
from beeldpas.registry.urls import NoBsnInUrl
from beeldpas.web.errors import exception_handlers
from beeldpas.web.headers import SecurityHeaders
from beeldpas.web.logging import AccessLog
from beeldpas.web.proxies import TrustedProxies
from beeldpas.web.steady import steadily

MIGRATIONS = Path(__file__).parent / "store" / "migrations"


def build_app(index: Index) -> Starlette:
    """Put the registry together. Not done here: migrating its database."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        log_keys = LogKeys.of(index.settings.base_url, index.keys)
        work = partial(keep_log, index.engine, log_keys, SOURCE, index.settings.log_years, index.clock)
        keeping = asyncio.create_task(steadily("log", work))
        yield
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await index.limits.close()
        await index.engine.dispose()

    app = Starlette(
        routes=[
            Route("/token", token, methods=["POST"]),
            Route("/fhir", publish_many, methods=["POST"]),
            Route("/fhir/", publish_many, methods=["POST"]),
            Route("/fhir/metadata", metadata, methods=["GET"]),
            Route("/fhir/ImagingStudy/_search", search_studies, methods=["POST"]),
            Route("/fhir/ImagingStudy/$restrict", restrict_study, methods=["POST"]),
            Route("/fhir/ImagingStudy/$release", release_study, methods=["POST"]),
            Route("/fhir/ImagingStudy", studies_by_address, methods=["GET"]),
            Route("/fhir/ImagingStudy", publish_one, methods=["PUT"]),
            Route("/fhir/ImagingStudy", take_out, methods=["DELETE"]),
            Route("/fhir/DiagnosticReport", partial(own_entries, kind="DiagnosticReport"), methods=["GET"]),
            Route("/fhir/DiagnosticReport", publish_one, methods=["PUT"]),
            Route("/fhir/DiagnosticReport", take_out, methods=["DELETE"]),
            *_of_one("ImagingStudy"),
            *_of_one("DiagnosticReport"),
            Route("/fhir/Endpoint/{id}", publish_one, methods=["PUT"]),
            *(documents_routes() if index.settings.mhd else ()),
            Route("/health/live", live, methods=["GET"]),
            Route("/health/ready", ready, methods=["GET"]),
            Route("/metrics", show_metrics, methods=["GET"]),
        ],
        middleware=[
            Middleware(TrustedProxies, trusted=index.settings.trusted_proxies),
            Middleware(AccessLog),
            Middleware(Timed),
            Middleware(SecurityHeaders, hsts=index.settings.is_tls),
            Middleware(NoBsnInUrl),
        ],
        exception_handlers=exception_handlers("fhir"),
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # it would write the request's own Host into an address
    app.state.index = index
    return app


def _of_one(kind: str) -> list[Route]:
    """What a hospital reads back of one entry of its own."""
    address = f"/fhir/{kind}/{{id}}"
    return [
        Route(address, partial(read_entry, kind=kind), methods=["GET"]),
        Route(f"{address}/_history", partial(entry_history, kind=kind), methods=["GET"]),
        Route(f"{address}/_history/{{version}}", partial(read_entry, kind=kind), methods=["GET"]),
    ]
