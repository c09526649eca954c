"""The one seam to the server underneath: cutting a connection so that the other side sees it break.

Closing politely would go on delivering what the kernel still holds, for seconds. SO_LINGER 0 and an abort make the
kernel throw its buffer away and send a reset.
"""

import socket
import struct
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

Abort = Callable[[], None]


class AbortSeam:
    """Gives every request `scope["beeldpas.abort"]`. Must stand outermost: it needs the server's own `send`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["beeldpas.abort"] = _abort_of(send)
        await self.app(scope, receive, send)


def _abort_of(send: Send) -> Abort:
    transport = getattr(getattr(send, "__self__", None), "transport", None)

    def abort() -> None:
        if transport is None:
            raise RuntimeError("the server shows no transport: a download could not be cut")
        raw = transport.get_extra_info("socket")
        if raw is not None and raw.fileno() >= 0:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()

    return abort
