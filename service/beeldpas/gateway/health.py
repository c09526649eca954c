"""What machines ask: is it alive, is it ready, what are its keys, what has it counted."""

import asyncio
from collections.abc import Awaitable
from ipaddress import ip_address

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import BeeldpasError, NotFound
from beeldpas.formats import jose
from beeldpas.gateway import metrics, recall, witnessed
from beeldpas.gateway.house import House
from beeldpas.gateway.index import counts
from beeldpas.gateway.notes import count_rejected
from beeldpas.gateway.scrub import count_damaged
from beeldpas.web import security_txt

_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


async def live(request: Request) -> Response:
    """Answer that the program runs."""
    return JSONResponse({"status": "live"})


async def security(request: Request) -> Response:
    """Say whom to tell of a weakness. Raises: NotFound where nobody was named."""
    house: House = request.app.state.house
    return security_txt.answer(house.settings.security, house.settings.base_url)


async def ready(request: Request) -> Response:
    """Answer 200 when downloads can be served: database, store and fresh status lists; otherwise 503.

    `clock_ahead_seconds` is there when this machine's clock and an issuer's are apart: a usual reason for the third.
    """
    house: House = request.app.state.house
    parts = {
        "database": await _works(_database(house)),
        "objects": await _works(asyncio.to_thread(house.store.check)),
        "status_lists": all(house.statuses.is_fresh(uri) for uri in house.statuses.uris),
    }
    skew = house.poller.skew_seconds
    clocks = {"clock_ahead_seconds": skew} if skew else {}
    return JSONResponse({"parts": parts} | clocks, 200 if all(parts.values()) else 503)


async def keys(request: Request) -> Response:
    """Answer the public keys. *Source:* RFC 7517 §5."""
    house: House = request.app.state.house
    return JSONResponse(jose.public_jwks(house.keys), media_type="application/jwk-set+json")


async def show_metrics(request: Request) -> Response:
    """Answer what was counted, to this machine itself only. Raises: NotFound for anybody else."""
    house: House = request.app.state.house
    if not _is_local(request):
        raise NotFound
    async with transaction(house.engine) as connection:
        held = await counts(connection)
        metrics.instances_damaged.set(await count_damaged(connection))
        metrics.instances_rejected.set(await count_rejected(connection))
        metrics.recalls.set(await recall.count(connection))
        logs = await witnessed.all_logs(connection)
    metrics.log_alarms.set(sum(bool(one.alarm) for one in logs))
    for one in logs:
        metrics.log_cosigned_at.labels(one.origin).set(0 if one.at is None else one.at.timestamp())
    metrics.instances_held.set(held["instances"])
    metrics.studies_withheld.set(held["withheld"])
    metrics.running.set(len(house.transfers))
    metrics.outbox_waiting.set(await house.outbox.waiting())
    return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)


def _is_local(request: Request) -> bool:
    """Say whether the request comes from this machine, and not through a proxy that stands on it."""
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    return ip_address(request.client.host).is_loopback


async def _works(check: Awaitable[None]) -> bool:
    try:
        await check
    except BeeldpasError:
        return False
    return True


async def _database(house: House) -> None:
    async with transaction(house.engine) as connection:
        await connection.execute(select(1))
