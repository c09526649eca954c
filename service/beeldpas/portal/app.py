"""The portal as a web application: the house, its doors, and the layers that every request passes."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from beeldpas.assets import asset
from beeldpas.audit.event import PORTAL
from beeldpas.audit.keeping import keep_log
from beeldpas.database.engine import migrate, open_engine
from beeldpas.domain.errors import BeeldpasError
from beeldpas.formats.jose import load_keys
from beeldpas.policy.decision import PolicyDecisionPoint
from beeldpas.portal import erasing, health, log_door, staging
from beeldpas.portal.authorization import routes as authorization_routes
from beeldpas.portal.directory import Directory
from beeldpas.portal.helpdesk.routes import routes as helpdesk_routes
from beeldpas.portal.house import House
from beeldpas.portal.identity.declaration import Declarations
from beeldpas.portal.identity.providers import relying_parties
from beeldpas.portal.notify.sender import Sender
from beeldpas.portal.pages import general, staying, styleguide
from beeldpas.portal.pages.language import LanguagePrefix
from beeldpas.portal.pages.pace import PacedSignIns
from beeldpas.portal.pages.pages import Pages
from beeldpas.portal.pages.security_policy import content_security_policy
from beeldpas.portal.pages.states import Door, error_answer
from beeldpas.portal.pages.static_files import static_files
from beeldpas.portal.patient.draft import forget_old as forget_old_drafts
from beeldpas.portal.patient.routes import routes as patient_routes
from beeldpas.portal.provider.routes import routes as provider_routes
from beeldpas.portal.registries.breaker import Breakers
from beeldpas.portal.registries.kinds import KINDS
from beeldpas.portal.registries.preview import Gateways
from beeldpas.portal.registries.question import Signer
from beeldpas.portal.secrets import load_secrets
from beeldpas.portal.settings import PortalSettings
from beeldpas.portal.store import tables
from beeldpas.web import security_txt
from beeldpas.web.csrf import CrossSiteGuard
from beeldpas.web.errors import exception_handlers
from beeldpas.web.headers import SecurityHeaders
from beeldpas.web.limits import Limits
from beeldpas.web.logging import AccessLog
from beeldpas.web.outbound import open_client
from beeldpas.web.proxies import TrustedProxies
from beeldpas.web.pseudonyms import AskedPseudonyms
from beeldpas.web.seal import Seal
from beeldpas.web.sessions import Sessions
from beeldpas.web.steady import steadily

MIGRATIONS = Path(tables.__file__).parent / "migrations"
_MAX_BODY_BYTES = 4_000_000
_SWEEP_SECONDS = 60.0
_MACHINES = ("/token", "/uses", "/log/cosignatures")
_DOORS: dict[Door, str] = {"patient": "patient", "provider": "provider", "helpdesk": "staff"}


def build_house(settings: PortalSettings, clock: Callable[[], datetime]) -> House:
    """Bring the database up to date, read every file that the settings name, put the parts together.

    Raises: OSError, Malformed, ValueError for a file that is absent or unfit.
    """
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    migrate(settings.database_url, MIGRATIONS)
    directory, keys = Directory.load(settings.hospitals_file, clock), load_keys(settings.key_file)
    signer = Signer(settings.base_url, keys, clock)
    hospitals = open_client(hosts=[one.base_url for one in directory.hospitals], ca_file=settings.ca_file)
    addresses = [address for one in settings.registries for address in one.addresses]
    if any(one.kind == "nvi" for one in settings.registries):  # asks the hospitals themselves
        addresses += [one.base_url for one in directory.hospitals]
    registries = open_client(hosts=addresses, ca_file=settings.ca_file)
    gateways = Gateways.load(directory, hospitals, signer)
    pseudonyms = AskedPseudonyms(
        settings.pseudonyms, caller=settings.base_url, keys=keys, clock=clock, ca_file=settings.ca_file
    )
    return House(
        engine=open_engine(settings.database_url),
        clock=clock,
        settings=settings,
        keys=keys,
        secrets=load_secrets(settings.secrets_file),
        pseudonyms=pseudonyms,
        policies=PolicyDecisionPoint.load(asset("policies")),
        directory=directory,
        registries=tuple(KINDS[one.kind](one, registries, signer, directory) for one in settings.registries),
        gateways=gateways,
        gateway_keys=gateways.keys,
        limits=Limits(settings.limits),
        breakers=Breakers(settings.source_failures, settings.source_pause_seconds),
    )


def build_app(house: House) -> ASGIApp:
    """Return the application; ended sessions are swept away and hospitals told as long as it runs.

    The outer layers stand around Starlette, not in it, so that they hold for the page of an incident too.
    """
    settings, pages = house.settings, Pages(house.settings)
    security_txt.warn_in_time(settings.security, house.clock())
    app = Starlette(
        routes=_routes(pages),
        middleware=[
            Middleware(CrossSiteGuard, origin=settings.base_url, exempt=_MACHINES, page=error_answer),
            Middleware(PacedSignIns, house=house),
        ],
        exception_handlers=exception_handlers("problem", error_answer),
        lifespan=_lifespan,
        max_body_size=_MAX_BODY_BYTES,
    )
    app.router.redirect_slashes = False  # it would write the request's own Host into an address
    app.state.house = house
    app.state.pages = pages
    app.state.sessions = _sessions(house)
    app.state.relying_parties = relying_parties(settings, house.clock)
    app.state.declarations = Declarations.load(settings.zorg.declaration) if settings.zorg.declaration else None
    inner = TrustedProxies(LanguagePrefix(AccessLog(app), pages.voices), settings.trusted_proxies)
    return SecurityHeaders(inner, csp=content_security_policy(house), hsts=settings.is_tls)


def _routes(pages: Pages) -> list[BaseRoute]:
    return [
        *authorization_routes(),  # first: programs ask more often than people, and routes are tried in order
        *patient_routes(),
        *provider_routes(),
        *helpdesk_routes(),
        *log_door.routes(),
        *general.routes(),
        *styleguide.routes(),
        *(route for door in _DOORS for route in staying.routes(door)),
        Route("/health/live", health.live, methods=["GET"]),
        Route("/health/ready", health.ready, methods=["GET"]),
        Route("/metrics", health.show_metrics, methods=["GET"]),
        Mount("/static", static_files(pages.assets.dist)),
    ]


def _sessions(house: House) -> dict[str, Sessions]:
    seal = Seal(house.secrets.session.values)
    return {door: Sessions(house.engine, tables.session, seal, kind) for door, kind in _DOORS.items()}


@contextlib.asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    tasks = [
        asyncio.create_task(steadily("sweep", partial(_sweep, app))),
        asyncio.create_task(steadily("staging", partial(staging.run, app.state.house))),
        asyncio.create_task(steadily("erasing", partial(erasing.run, app.state.house))),
        asyncio.create_task(steadily("log", partial(_keep_log, app.state.house))),
    ]
    if sender := Sender.of(app.state.house, app.state.pages):
        tasks.append(asyncio.create_task(steadily("mail", sender.run)))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for party in app.state.relying_parties.values():
            await party.close()
        await app.state.house.gatherings.close()
        await app.state.house.limits.close()
        await app.state.house.engine.dispose()


async def _keep_log(house: House) -> None:
    """Give the rows of the log their places, and erase what is past its term."""
    await keep_log(house.engine, log_door.log_keys(house), PORTAL, house.settings.log_years, house.clock)


async def _sweep(app: Starlette) -> None:
    """Forget ended sessions, and what was sealed in them."""
    sessions: Sessions = app.state.sessions["patient"]
    while True:
        await asyncio.sleep(_SWEEP_SECONDS)
        with contextlib.suppress(BeeldpasError):
            await sessions.sweep(app.state.house.clock())
            await forget_old_drafts(app.state.house)
