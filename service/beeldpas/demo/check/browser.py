"""A browser without a window: cookies per host, redirects followed by hand, Sec-Fetch headers as Chromium sends them.

Names under `localhost` lead to the loopback address. *Source:* RFC 6265bis (cookies), W3C Fetch Metadata.
"""

import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Final, Self

import httpx2

from beeldpas.demo.check.page import Form, Page

_SECONDS: Final = 30.0
_MAX_REDIRECTS: Final = 10
# A small receive buffer, so that what a slow reader has not read is still at the sender.
_NARROW: Final = (socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)


def open_client(ca_file: str) -> httpx2.AsyncClient:
    """Open a plain client that trusts this authority and stays on this machine."""
    return _open(ssl.create_default_context(cafile=ca_file), None)


class Browser:
    """One person's browser. `secrets` gathers every cookie value and one-time code that it was given."""

    def __init__(self, context: ssl.SSLContext, language: str = "nl", *, narrow: bool = False) -> None:
        self._client = _open(context, [_NARROW] if narrow else None)
        self.secrets: set[str] = set()
        self._client.headers.update({"Accept-Language": language, "Accept": "text/html,*/*"})

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    def cookies_of(self, host: str) -> dict[str, str]:
        """The cookies of one host name."""
        return {cookie.name: str(cookie.value) for cookie in self._client.cookies.jar if cookie.domain == host}

    async def open(self, url: str, **headers: str) -> Page:
        """Go to an address as if it was typed, and follow where it leads."""
        return await self._follow("GET", url, None, {"Sec-Fetch-Site": "none", **headers})

    async def click(self, page: Page, url: str) -> Page:
        """Follow a link of a page."""
        return await self._follow("GET", page.absolute(url), None, _fetch(page.url, page.absolute(url)))

    async def submit(self, page: Page, form: Form, **fields: str | list[str]) -> Page:
        """Send a form of a page with its own values, and with these instead."""
        target, data = page.absolute(form.action), {**form.values, **fields}
        headers = _fetch(page.url, target) | {"Origin": "null"}
        if form.method == "get":
            query = str(httpx2.QueryParams(data))
            return await self._follow("GET", f"{target}?{query}", None, headers)
        return await self._follow("POST", target, data, headers)

    async def send(self, method: str, url: str, **options: Any) -> httpx2.Response:
        """Send one request and follow nothing."""
        return await self._client.request(method, url, **options)

    @asynccontextmanager
    async def following(
        self, method: str, url: str, data: Mapping[str, Any] | None, headers: Mapping[str, str]
    ) -> AsyncIterator[httpx2.Response]:
        """Follow where a request leads and give the last answer unread."""
        headers = dict(headers)
        for _ in range(_MAX_REDIRECTS):
            request = self._client.build_request(method, url, data=data, headers=headers)
            response = await self._client.send(request, stream=True)
            self.secrets |= _secrets_of(response)
            if not response.has_redirect_location:
                break
            await response.aclose()
            method, data, before = "GET", None, url
            url = str(response.url.join(response.headers["location"]))
            headers = _after_redirect(headers, before, url)
        try:
            yield response
        finally:
            await response.aclose()

    async def _follow(self, method: str, url: str, data: Mapping[str, Any] | None, headers: dict[str, str]) -> Page:
        async with self.following(method, url, data, headers) as response:
            content = await response.aread()
            return Page(str(response.url), response.status_code, dict(response.headers), content)


class _Loopback(httpx2.AsyncBaseTransport):
    """Connects to the loopback address whatever name is asked for; the name stays in Host and in TLS."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        host = request.url.host
        if host != "localhost" and not host.endswith(".localhost"):
            raise httpx2.ConnectError(f"the check stays on this machine: {host}", request=request)
        outgoing = httpx2.Request(
            request.method,
            request.url.copy_with(host="127.0.0.1"),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": host},
        )
        return await self._inner.handle_async_request(outgoing)

    async def aclose(self) -> None:
        await self._inner.aclose()


def _secrets_of(response: httpx2.Response) -> set[str]:
    cookies = {value.partition(";")[0].partition("=")[2] for value in response.headers.get_list("set-cookie")}
    query = httpx2.URL(response.headers.get("location", "")).params
    return (cookies | {query[name] for name in ("code", "state") if name in query}) - {""}


def _open(context: ssl.SSLContext, options: list[tuple[int, int, int]] | None) -> httpx2.AsyncClient:
    inner = httpx2.AsyncHTTPTransport(verify=context, trust_env=False, socket_options=options)
    transport = _Loopback(inner)
    return httpx2.AsyncClient(transport=transport, timeout=_SECONDS, trust_env=False, verify=context)


def _fetch(origin: str, target: str) -> dict[str, str]:
    same = _origin(origin) == _origin(target)
    return {"Sec-Fetch-Site": "same-origin" if same else "cross-site", "Sec-Fetch-Mode": "navigate"}


def _after_redirect(headers: dict[str, str], before: str, url: str) -> dict[str, str]:
    kept = {name: value for name, value in headers.items() if name != "Origin"}
    if kept.get("Sec-Fetch-Site") != "none" and _origin(before) != _origin(url):
        kept["Sec-Fetch-Site"] = "cross-site"
    return kept


def _origin(url: str) -> tuple[str, str, int | None]:
    parsed = httpx2.URL(url)
    return parsed.scheme, parsed.host, parsed.port
