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
from beeldpas.registry.health import live, ready
from beeldpas.registry.index import Index
from beeldpas.registry.publish import publish_many, publish_one
from beeldpas.registry.questions import SOURCE
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
            Route("/fhir/ImagingStudy", publish_one, methods=["PUT"]),
            Route("/fhir/DiagnosticReport", publish_one, methods=["PUT"]),
            Route("/fhir/Endpoint/{id}", publish_one, methods=["PUT"]),
            Route("/health/live", live, methods=["GET"]),
            Route("/health/ready", ready, methods=["GET"]),
        ],
        middleware=[
            Middleware(TrustedProxies, trusted=index.settings.trusted_proxies),
            Middleware(AccessLog),
            Middleware(SecurityHeaders, hsts=index.settings.is_tls),
            Middleware(NoBsnInUrl),
        ],
        exception_handlers=exception_handlers("fhir"),
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # it would write the request's own Host into an address
    app.state.index = index
    return app
