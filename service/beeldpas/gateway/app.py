"""The gateway as an application: its parts put together, its routes, and what runs beside the requests."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from beeldpas.audit.checkpoint import LogKeys
from beeldpas.audit.keeping import keep_log
from beeldpas.database.engine import migrate, open_engine
from beeldpas.domain.errors import BeeldpasError
from beeldpas.formats import jose
from beeldpas.gateway import doubt, downloads, health, pages, preview, stage
from beeldpas.gateway.archives import Archives
from beeldpas.gateway.audit_repository import AuditRepository
from beeldpas.gateway.cutting import Cutting
from beeldpas.gateway.decoding.pool import Decoders
from beeldpas.gateway.dicomweb.routes import Known, dicomweb
from beeldpas.gateway.dicomweb.viewing import Viewings
from beeldpas.gateway.house import House
from beeldpas.gateway.leases import LeaseSigner
from beeldpas.gateway.objects.open import open_store
from beeldpas.gateway.outbox import Outbox
from beeldpas.gateway.own_rules import OwnRules
from beeldpas.gateway.pacs.staging import Staging
from beeldpas.gateway.publish import publish
from beeldpas.gateway.pump import Threads
from beeldpas.gateway.readme import Giver
from beeldpas.gateway.refusals import Refusals
from beeldpas.gateway.rooms import Rooms
from beeldpas.gateway.scrub import Scrub
from beeldpas.gateway.settings import GatewaySettings
from beeldpas.gateway.shelf import Shelf
from beeldpas.gateway.slots import Slots
from beeldpas.gateway.status import StatusBook, StatusPoller
from beeldpas.gateway.tokens import Trust
from beeldpas.gateway.trail import spooling
from beeldpas.gateway.transfers import Transfers
from beeldpas.gateway.uses import Uses
from beeldpas.gateway.watch import Watch
from beeldpas.gateway.witness import Witness
from beeldpas.web import security_txt
from beeldpas.web.errors import exception_handlers
from beeldpas.web.headers import SecurityHeaders
from beeldpas.web.logging import AccessLog
from beeldpas.web.outbound import open_client
from beeldpas.web.proxies import TrustedProxies
from beeldpas.web.steady import steadily

MIGRATIONS = Path(__file__).parent / "store" / "migrations"
_ROOMS = 16  # for small files, read whole
_NOTE_SECONDS, _GOODBYE_SECONDS = 1.0, 1.0


def open_database(settings: GatewaySettings) -> AsyncEngine:
    """Bring the database up to date and open it."""
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    migrate(settings.database_url, MIGRATIONS)
    engine = open_engine(settings.database_url)
    return spooling(engine) if settings.audit_repository else engine


def build_house(settings: GatewaySettings, clock: Callable[[], datetime]) -> House:
    """Put the parts together; nothing runs yet."""
    engine, keys, trust = open_database(settings), jose.load_keys(settings.key_file), Trust(settings)
    client = open_client(hosts=_hosts(settings), ca_file=settings.ca_file)
    statuses, transfers = StatusBook([*trust.issuers.values()], clock), Transfers()
    repository = settings.audit_repository
    uses = Uses(engine, settings.gateway_id, settings.hospital, clock)
    giver = Giver(settings.gateway_id, settings.base_url, settings.hospital, settings.phone)
    store, rules = open_store(settings), OwnRules(settings.policies_dir)
    return House(
        settings=settings,
        clock=clock,
        engine=engine,
        store=store,
        threads=Threads(),
        keys=keys,
        trust=trust,
        rules=rules,
        client=client,
        statuses=statuses,
        refusals=Refusals(engine, statuses, settings.gateway_id, settings.hospital, clock),
        poller=StatusPoller(statuses, client, transfers),
        transfers=transfers,
        watch=Watch(transfers, timedelta(seconds=settings.receiver_idle_seconds), clock),
        leases=LeaseSigner.from_file(settings.lease_keys_file, timedelta(hours=settings.lease_hours)),
        slots=Slots(settings.download_connections, clock),
        archives=Archives(engine, giver, keys, rules, clock),
        shelf=Shelf(engine),
        uses=uses,
        viewings=Viewings(uses, transfers, clock),
        decoders=Decoders(),
        rooms=Rooms(most=_ROOMS),
        outbox=Outbox(engine, client, trust.issuers, settings.base_url, keys, clock),
        witness=Witness(engine, client, trust.issuers, settings, keys, clock),
        staging=Staging(settings, engine, store, clock),
        audit_repository=AuditRepository(engine, repository, clock) if repository else None,
    )


def _hosts(settings: GatewaySettings) -> set[str]:
    """Return the addresses of issuers that the gateway calls; it calls no others."""
    return {
        address
        for issuer in settings.issuers
        for address in (issuer.iss, issuer.status_uri, issuer.token_endpoint, issuer.uses_endpoint)
    }


def build_app(house: House) -> Starlette:
    """Return the application; the poller, the outbox and the notes run as long as it does."""
    security_txt.warn_in_time(house.settings.security, house.clock())
    app = Starlette(
        routes=_routes(house.settings),
        middleware=[
            Middleware(TrustedProxies, trusted=house.settings.trusted_proxies),
            Middleware(AccessLog),
            Middleware(SecurityHeaders, csp=pages.CSP, hsts=house.settings.is_tls),
        ],
        exception_handlers=_exception_handlers(house.settings),
        lifespan=_lifespan,
    )
    app.router.redirect_slashes = False  # it would write the request's own Host into an address
    app.state.house = house
    app.state.dicomweb = Known()
    return app


def _routes(settings: GatewaySettings) -> list[Route | Mount]:
    return [
        Route("/download", downloads.start, methods=["GET"]),
        Route("/leases/{lease_id}/reports/{name}.pdf", downloads.report_document, methods=["GET"]),
        Route("/leases/{lease_id}/reports/{name}", downloads.report, methods=["GET"]),
        Route("/leases/{lease_id}/{name}.zip", downloads.archive, methods=["GET", "HEAD"]),
        Route("/preview", preview.preview, methods=["POST"]),
        Route("/stage", stage.stage, methods=["POST"]),
        Route("/doubt", doubt.doubt, methods=["POST"]),
        dicomweb(settings.viewer_origin),
        Route(security_txt.PATH, health.security, methods=["GET"]),
        Route("/jwks.json", health.keys, methods=["GET"]),
        Route("/health/live", health.live, methods=["GET"]),
        Route("/health/ready", health.ready, methods=["GET"]),
        Route("/metrics", health.show_metrics, methods=["GET"]),
    ]


def _exception_handlers(settings: GatewaySettings) -> Mapping[Any, Callable[[Request, Exception], Any]]:
    def page(request: Request, error: BeeldpasError, _status: int) -> Response:
        return pages.error_answer(request, error, settings.hospital, settings.phone)

    return exception_handlers("problem", page)


@contextlib.asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    house: House = app.state.house
    await house.uses.settle()
    cutting = Cutting(house.engine, house.transfers, house.clock)
    scrub = Scrub(house.engine, house.store, house.clock)
    works: dict[str, Callable[[], Awaitable[object]]] = {
        "status": house.poller.run,
        "outbox": house.outbox.run,
        "witness": house.witness.run,
        "log": partial(_keep_log, house),
        "watch": house.watch.run,
        "cutting": cutting.run,
        "note": partial(_note, house),
        "scrub": partial(scrub.run, house.settings.scrub),
        "staging": partial(house.staging.run, partial(_publish, house)),
    }
    if house.audit_repository is not None:
        works["audit"] = house.audit_repository.run
    tasks = [asyncio.create_task(steadily(name, work)) for name, work in works.items()]
    try:
        yield
    finally:
        await house.viewings.close()
        await _come_to_rest(house)
        await _note_once(house)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await house.decoders.close()
        house.threads.close()
        await house.client.aclose()
        await house.engine.dispose()


async def _come_to_rest(house: House) -> None:
    """Give what was cut by the shutdown a moment to be written down."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(house.uses.rest(), _GOODBYE_SECONDS)


async def _publish(house: House) -> None:
    """Tell the registry what a listing of the PACS brought, where there is a registry."""
    if house.settings.registry is not None:
        await publish(house.settings, house.engine, house.clock)


async def _keep_log(house: House) -> None:
    """Give the rows of this hospital's own log their places, and erase what is past its term."""
    settings = house.settings
    keys = LogKeys.of(settings.base_url, house.keys)
    await keep_log(house.engine, keys, settings.gateway_id, settings.log_years, house.clock)


async def _note(house: House) -> None:
    """Note every second how far the answers under way are, and what the leases have had."""
    while True:
        await asyncio.sleep(_NOTE_SECONDS)
        await _note_once(house)


async def _note_once(house: House) -> None:
    with contextlib.suppress(BeeldpasError):
        await house.viewings.tidy()
        await house.uses.note(house.transfers)
        await house.slots.note(house.engine)
