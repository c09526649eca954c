"""Is the portal there, can it work, and what has it counted? For whoever keeps it running; nothing about anybody."""

from ipaddress import ip_address

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import NotFound, Unavailable
from beeldpas.portal.house import House
from beeldpas.portal.log_standing import LogGauges, log_standing
from beeldpas.portal.store import incidents

registry = CollectorRegistry()
open_sessions = Gauge("beeldpas_portal_sessions", "Sessions that are alive", ["door"], registry=registry)
log_gauges = LogGauges(registry)
contradictions = Gauge(
    "beeldpas_portal_identity_incidents",
    "Studies of which others contradict the hospital about whose they are",
    ["hospital", "attribute"],
    registry=registry,
)
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


async def live(_request: Request) -> Response:
    """`GET /health/live`: the program answers."""
    return JSONResponse({"status": "live"})


async def ready(request: Request) -> Response:
    """`GET /health/ready`: the database answers too; and how the log stands, which keeps nobody from working."""
    house: House = request.app.state.house
    try:
        async with transaction(house.engine) as connection:
            await connection.execute(text("SELECT 1"))
        standing = await log_standing(house)
    except Unavailable:
        return JSONResponse({"status": "database unavailable"}, 503)
    behind = standing.behind(house.clock())
    log = {"hospitals": len(standing.hospitals), "behind": behind, "waiting": standing.waiting}
    return JSONResponse({"status": "ready", "log": log})


async def show_metrics(request: Request) -> Response:
    """`GET /metrics`: to this machine itself only. Raises: NotFound for anybody else."""
    if not _is_local(request):
        raise NotFound
    for door, sessions in request.app.state.sessions.items():
        open_sessions.labels(door).set(await sessions.count(request.app.state.house.clock()))
    house: House = request.app.state.house
    log_gauges.show(await log_standing(house), house.clock())
    async with transaction(house.engine) as connection:
        for (hospital, attribute), count in (await incidents.count(connection)).items():
            contradictions.labels(hospital, attribute).set(count)
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _is_local(request: Request) -> bool:
    """Say whether the request comes from this machine, and not through a proxy that stands on it."""
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False
