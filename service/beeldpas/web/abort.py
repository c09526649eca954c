"""The one seam to the server underneath: cutting a connection so that the other side sees it break, and seeing how
much the other side has not taken yet.

Closing politely would go on delivering what the kernel still holds, for seconds. SO_LINGER 0 and an abort make the
kernel throw its buffer away and send a reset.
"""

import fcntl
import socket
import struct
import termios
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

Abort = Callable[[], None]
Unsent = Callable[[], int]


class AbortSeam:
    """Gives every request `scope["beeldpas.abort"]` and `scope["beeldpas.unsent"]` (bytes that the other side has not
    acknowledged). Must stand outermost: it needs the server's own `send`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            transport = getattr(getattr(send, "__self__", None), "transport", None)
            scope["beeldpas.abort"] = _abort_of(transport)
            scope["beeldpas.unsent"] = _unsent_of(transport)
        await self.app(scope, receive, send)


def _abort_of(transport: Any) -> Abort:
    def abort() -> None:
        if transport is None:
            raise RuntimeError("the server shows no transport: a download could not be cut")
        raw = transport.get_extra_info("socket")
        if raw is not None and raw.fileno() >= 0:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()

    return abort


def _unsent_of(transport: Any) -> Unsent:
    def unsent() -> int:
        if transport is None or transport.is_closing():
            return 0
        raw = transport.get_extra_info("socket")
        if raw is None or raw.fileno() < 0:
            return 0
        in_kernel = struct.unpack("i", fcntl.ioctl(raw.fileno(), termios.TIOCOUTQ, bytes(4)))[0]
        return int(transport.get_write_buffer_size() + in_kernel)

    return unsent
