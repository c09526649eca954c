"""Is the program there, and can it work? For whoever keeps it running; tells nothing else."""

from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import Unavailable
from beeldpas.registry.index import Index


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
