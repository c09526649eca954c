"""Is the program there, and can it work? For whoever keeps it running; tells nothing else."""

from ipaddress import ip_address

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import NotFound, Unavailable
from beeldpas.registry import metrics
from beeldpas.registry.index import Index

_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


async def live(_request: Request) -> JSONResponse:
    """`GET /health/live`: the program answers."""
    return JSONResponse({"status": "live"})


async def ready(request: Request) -> JSONResponse:
    """`GET /health/ready`: the database answers too."""
    index: Index = request.app.state.index
    try:
        async with transaction(index.engine) as connection:
            await connection.execute(text("SELECT 1"))
    except Unavailable:
        return JSONResponse({"status": "database unavailable"}, 503)
    return JSONResponse({"status": "ready"})


async def show_metrics(request: Request) -> Response:
    """`GET /metrics`: what was counted, for this machine itself only. Raises: NotFound for anybody else."""
    local = request.client is not None and ip_address(request.client.host).is_loopback
    if not local or any(name in request.headers for name in _FORWARDED):
        raise NotFound
    return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)
