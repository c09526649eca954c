"""Logs: JSON lines on standard error, event names and ids only.

The access log names the route, never the path's parameters or the query: study UIDs are personal data and
one-time codes are keys.
"""

import logging
import sys
import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger()
_QUIET = ("uvicorn.error", "httpx2", "httpcore2", "weasyprint", "fontTools", "pydicom", "asyncio", "urllib3")


def configure(program: str) -> None:
    """Set up logging for one program; every line carries its name."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(program=program)
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format='{"event":"library","logger":"%(name)s"}')
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)


class AccessLog:
    """One line per request: method, route, status, milliseconds; none for one that was counted elsewhere."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status, begun = 0, time.perf_counter()

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            if "beeldpas.counted" not in scope:
                took = round((time.perf_counter() - begun) * 1000, 1)
                log.info("request", method=scope["method"], route=_route(scope), status=status, ms=took)


def _route(scope: Scope) -> str:
    route = scope.get("route")
    return getattr(route, "path", "") or "-"
