"""Refuses a request whose head can be read in two ways, before anything believes it.

The parser underneath refuses what is about framing (two lengths, a length and chunks, folded lines, a NUL). What it
lets through is left for here: no version, no Host or several, one that is no host, and a head larger than any browser
sends. *Source:* RFC 9112 §2.3, §3.2 (400 for a missing or repeated Host); RFC 6585 §5 (431).
"""

import re

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from beeldpas.web.patience import LARGEST_HEAD

# A name, an IPv4 address or a bracketed IPv6 address, and a port. *Source:* RFC 3986 §3.2.2.
_HOST = re.compile(rb"(?:[A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_CLOSING = {"Connection": "close", "Cache-Control": "no-store"}


class SoundHead:
    """Lets a request through only when there is one way to read its head; the connection ends with the refusal."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = _fault(scope) if scope["type"] == "http" else 0
        if status:
            await Response(status_code=status, headers=_CLOSING)(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _fault(scope: Scope) -> int:
    """Return the status for what is wrong with a head; 0 when nothing is."""
    headers = scope["headers"]
    if sum(len(name) + len(value) + 4 for name, value in headers) > LARGEST_HEAD:
        return 431
    hosts = [value for name, value in headers if name == b"host"]
    if scope["http_version"] == "1.0" and not hosts:
        return 0
    if scope["http_version"] not in {"1.0", "1.1"} or len(hosts) != 1 or not _HOST.fullmatch(hosts[0]):
        return 400
    return 0
