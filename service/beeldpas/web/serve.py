"""Running a program: one uvicorn server, its seam to the connections, and nothing that talks too much."""

import asyncio
import gc
from pathlib import Path
from socket import socket
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from beeldpas.web.abort import AbortSeam
from beeldpas.web.errors import Door, LastResort
from beeldpas.web.patience import PatientProtocol
from beeldpas.web.sound_head import SoundHead
from beeldpas.web.unix_socket import UnixSocket

_GOODBYE_SECONDS = 3
# Laying out an archive makes tens of thousands of objects that stay; looking for garbage among them found none.
_OBJECTS_BEFORE_COLLECTING = 50_000


def harden(app: ASGIApp, door: Door = "problem") -> ASGIApp:
    """Put the outermost layers around an application: a look at the head, the catch-all, the seam below."""
    return AbortSeam(SoundHead(LastResort(app, door)))


def serve(
    app: ASGIApp,
    *,
    host: str,
    port: int,
    tls_cert: Path | None = None,
    tls_key: Path | None = None,
    unix_socket: Path | None = None,
) -> None:
    """Serve until told to stop; downloads that still run after three seconds are cut."""
    gc.freeze()
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTING)
    Server(configuration(app, host=host, port=port, tls_cert=tls_cert, tls_key=tls_key), unix_socket).run()


def serve_socket(app: ASGIApp, path: Path) -> None:
    """Serve on a UNIX socket alone until told to stop: there is no port to come in by."""
    listening = UnixSocket(path)
    try:
        Server(configuration(app, host="", port=0)).run(sockets=[listening.listener])
    finally:
        listening.close()


class Server(uvicorn.Server):
    """Listens on a port, and where asked on a UNIX socket too; only the port speaks TLS."""

    def __init__(self, config: uvicorn.Config, unix_socket: Path | None = None) -> None:
        super().__init__(config)
        self._unix_socket = UnixSocket(unix_socket) if unix_socket else None

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Begin to listen; what came to the UNIX socket earlier waits there."""
        await super().startup(sockets)
        if self._unix_socket is not None:
            listener = self._unix_socket.listener
            self.servers.append(await asyncio.get_running_loop().create_unix_server(self._protocol, sock=listener))

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Stop listening, and end what runs."""
        await super().shutdown(sockets)
        if self._unix_socket is not None:
            self._unix_socket.close()

    def _protocol(self) -> asyncio.Protocol:
        """Make what speaks HTTP on one connection, as uvicorn does for its port."""
        made: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state, _loop=None
        )
        return made


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
        http=PatientProtocol,
        ws="none",
        lifespan="on",
        timeout_graceful_shutdown=_GOODBYE_SECONDS,
        **tls,
    )
