"""Runs an application in a real uvicorn with its real event loop, on a free loopback port, for one block."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from beeldpas.web.serve import Server, configuration

_READY_SECONDS = 10


@contextmanager
def running(
    app: Any,
    *,
    port: int = 0,
    tls_cert: Path | None = None,
    tls_key: Path | None = None,
    unix_socket: Path | None = None,
) -> Iterator[int]:
    """Give the port on which the application answers (a free one for 0); it runs in a thread of this process."""
    server = Server(configuration(app, host="127.0.0.1", port=port, tls_cert=tls_cert, tls_key=tls_key), unix_socket)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + _READY_SECONDS
    while not server.started:
        if time.monotonic() > deadline or not thread.is_alive():
            raise RuntimeError("the server did not start")
        time.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
