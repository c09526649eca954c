"""The headers that every answer carries.

*Source:* OWASP Secure Headers; Fetch Metadata; RFC 6797 (HSTS).
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_STATIC = "/static/"
NOTHING = "default-src 'none'; frame-ancestors 'none'"


class SecurityHeaders:
    """Sets the headers above, the program's content security policy, and `no-store` on all but static files.

    A header that the answer already has stays as it is.
    """

    def __init__(self, app: ASGIApp, csp: str = NOTHING, hsts: bool = False) -> None:
        self.app = app
        fields = _ALWAYS | {"Content-Security-Policy": csp}
        if hsts:
            fields["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        self._pairs = tuple((name.lower().encode(), value.encode("latin-1")) for name, value in fields.items())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                there = {name.lower() for name, _ in headers}
                caching = b"cache-control", _caching(scope["path"], message["status"])
                headers += [pair for pair in (*self._pairs, caching) if pair[0] not in there]
                message["headers"] = headers
            await send(message)

        await self.app(scope, receive, with_headers)


def _caching(path: str, status: int) -> bytes:
    """Static files carry a hash in their name and never change; everything else is personal."""
    if path.startswith(_STATIC) and status == 200:
        return b"public, max-age=31536000, immutable"
    return b"no-store"
