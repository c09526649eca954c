"""Running a program: one uvicorn server, its seam to the connections, and nothing that talks too much."""

from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from beeldpas.web.abort import AbortSeam
from beeldpas.web.errors import LastResort

_GOODBYE_SECONDS = 3


def harden(app: ASGIApp) -> ASGIApp:
    """Put the outermost two layers around an application: the catch-all and the seam to the connection."""
    return AbortSeam(LastResort(app))


def serve(app: ASGIApp, *, host: str, port: int, tls_cert: Path | None = None, tls_key: Path | None = None) -> None:
    """Serve until told to stop; downloads that still run after three seconds are cut."""
    uvicorn.Server(configuration(app, host=host, port=port, tls_cert=tls_cert, tls_key=tls_key)).run()


def configuration(
    app: ASGIApp, *, host: str, port: int, tls_cert: Path | None = None, tls_key: Path | None = None
) -> uvicorn.Config:
    """Return the server's settings; the access log is ours, since uvicorn's prints query strings."""
    tls: dict[str, Any] = {"ssl_certfile": str(tls_cert), "ssl_keyfile": str(tls_key)} if tls_cert else {}
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        timeout_graceful_shutdown=_GOODBYE_SECONDS,
        h11_max_incomplete_event_size=64 * 1024,
        **tls,
    )
