"""The process as a web application: one question, one report, and how it fares. No body is ever logged."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_address

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from beeldpas.domain.errors import NotFound, Refused
from beeldpas.formats.fingerprints import read_told, write_fingerprints
from beeldpas.formats.naming import BODY_LIMIT, read_naming, read_people, read_standing, write_names
from beeldpas.pseudonyms import pace
from beeldpas.pseudonyms.derive import fingerprints_of, names_of
from beeldpas.pseudonyms.office import Office
from beeldpas.web.body import read_body
from beeldpas.web.errors import exception_handlers

log = structlog.get_logger()
_COUNT_SECONDS = 60.0


def build_app(office: Office) -> Starlette:
    """Put the process together."""
    app = Starlette(
        routes=[
            Route("/names", names, methods=["POST"]),
            Route("/fingerprints", fingerprints, methods=["POST"]),
            Route("/standing", standing, methods=["POST"]),
            Route("/health/live", live, methods=["GET"]),
            Route("/health/ready", live, methods=["GET"]),
            Route("/metrics", show_metrics, methods=["GET"]),
        ],
        exception_handlers=exception_handlers("problem"),
        lifespan=_lifespan,
    )
    app.state.office = office
    return app


async def names(request: Request) -> Response:
    """`POST /names`: under which names these people stand with the program that asks, newest first."""
    office: Office = request.app.state.office
    issuer, body = await _signed(request, office)
    people = read_people(body)
    caller = office.callers[issuer]
    await office.pace.spend(issuer, len(people))
    book = office.books[issuer]
    answer = write_names([names_of(book, caller.name, one) for one in people])
    return Response(answer, media_type="application/json", headers={"Cache-Control": "no-store"})


async def fingerprints(request: Request) -> Response:
    """`POST /fingerprints`: of what a program tells of people, to be compared with what others told."""
    office: Office = request.app.state.office
    issuer, body = await _signed(request, office)
    people = read_told(body)
    if office.fingerprints is None:
        raise NotFound
    await office.pace.spend(issuer, len(people))
    answer = write_fingerprints([fingerprints_of(office.fingerprints, one) for one in people])
    return Response(answer, media_type="application/json", headers={"Cache-Control": "no-store"})


async def standing(request: Request) -> Response:
    """`POST /standing`: a program reports how many rows it has under names by each key."""
    office: Office = request.app.state.office
    issuer, body = await _signed(request, office)
    office.keep_standing(issuer, read_standing(body))
    return Response(status_code=204)


async def live(_request: Request) -> Response:
    """`GET /health/live`, `GET /health/ready`: it answers; without its keys it would not have begun."""
    return JSONResponse({"status": "ready"})


async def show_metrics(request: Request) -> Response:
    """`GET /metrics`: on this machine itself only. Raises: NotFound for anybody else."""
    if request.client is not None and request.client.host and not ip_address(request.client.host).is_loopback:
        raise NotFound
    return Response(generate_latest(pace.registry), media_type=CONTENT_TYPE_LATEST)


async def _signed(request: Request, office: Office) -> tuple[str, bytes]:
    """Return who signed the body, and the body. Raises: Refused("invalid_token"), Malformed("too_large")."""
    body = await read_body(request, BODY_LIMIT)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    try:
        if scheme.lower() != "bearer":
            raise Refused("invalid_token")
        return read_naming(token.strip(), body, callers=office.keys, now=office.clock()), body
    except Refused:
        pace.strangers.inc()
        raise


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    office: Office = app.state.office
    with suppress(RuntimeError, ValueError):  # not the main thread: then nobody sends it a signal either
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, office.read_books_anew)
    counting = asyncio.create_task(_tell_counts(office))
    try:
        yield
    finally:
        counting.cancel()
        await asyncio.gather(counting, return_exceptions=True)


async def _tell_counts(office: Office) -> None:
    """Once a minute, say how many people each program asked about; of a question there is no line."""
    told = dict.fromkeys(office.callers, 0)
    while True:
        await asyncio.sleep(_COUNT_SECONDS)
        for issuer, caller in office.callers.items():
            total = office.pace.people[issuer]
            if total > told[issuer]:
                log.info("people_asked_about", caller=caller.name, people=total - told[issuer])
            told[issuer] = total
