"""Refuses changes that another site asks for.

Under `no-referrer` a browser sends `Origin: null` even to its own site, so Sec-Fetch-Site decides and Origin is only
the fallback for browsers that lack it. *Source:* W3C Fetch Metadata Request Headers.
"""

from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from beeldpas.domain.errors import BeeldpasError, Refused
from beeldpas.web.errors import problem_response, status_of

Page = Callable[[Request, BeeldpasError, int], Response]
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class CrossSiteGuard:
    """Lets an unsafe request through only when it comes from `origin` itself.

    `exempt` holds the path prefixes of endpoints that carry no cookie and authenticate each request themselves;
    `page` draws the refusal for people, who may have come here in good faith.
    """

    def __init__(self, app: ASGIApp, origin: str, exempt: tuple[str, ...] = (), page: Page | None = None) -> None:
        self.app = app
        self.page = page
        self.origin = origin
        self.exempt = exempt

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._is_welcome(scope):
            await self._refusal(scope)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response:
        error = Refused("cross_site")
        return self.page(Request(scope), error, status_of(error)) if self.page else problem_response(error)

    def _is_welcome(self, scope: Scope) -> bool:
        if scope["method"] in _SAFE or scope["path"].startswith(self.exempt):
            return True
        headers = Headers(scope=scope)
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site == "same-origin"
        return headers.get("origin") == self.origin
