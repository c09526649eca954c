"""Every call that a program makes: a deadline, a size limit, a fixed list of hosts, no redirects.

An address that came in with an answer is somebody else's wish; only hosts of the list are called.
Names under `localhost` go to the loopback address, as *Source:* RFC 6761 §6.3 asks.
"""

import ssl
from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path

import httpx2

from beeldpas.domain.errors import Unavailable

DEFAULT_DEADLINE_SECONDS = 5.0
DEFAULT_MAX_BYTES = 8_000_000
_CONNECTIONS = httpx2.Limits(max_connections=100, max_keepalive_connections=20)


class TooLarge(httpx2.TransportError):
    """The answer went past the size limit."""


class NotListed(httpx2.TransportError):
    """The host is not on the list."""


class Compressed(httpx2.TransportError):
    """The answer is compressed, though we asked for it plain: its size could not be bounded."""


def open_client(
    *,
    hosts: Iterable[str],
    ca_file: Path | None = None,
    deadline: float = DEFAULT_DEADLINE_SECONDS,
    max_bytes: int = DEFAULT_MAX_BYTES,
) -> httpx2.AsyncClient:
    """Open a client that may call these origins only ("https://noord.example:8443", path ignored).

    `deadline` in seconds holds for connecting and for each wait; wrap a call in `asyncio.timeout` to bound the whole.
    """
    context = _tls(ca_file)
    transport = _listed(hosts, context, max_bytes)
    return httpx2.AsyncClient(
        transport=transport, timeout=deadline, follow_redirects=False, trust_env=False, verify=context
    )


def listed_transport(
    *, hosts: Iterable[str], ca_file: Path | None = None, max_bytes: int = DEFAULT_MAX_BYTES
) -> httpx2.AsyncBaseTransport:
    """Return the same bounds for a client that a library makes (OpenID Connect)."""
    return _listed(hosts, _tls(ca_file), max_bytes)


def unavailable(source: str, error: Exception) -> Unavailable:
    """Say that a source failed, and whether a later try may help."""
    return Unavailable(source, retryable=not isinstance(error, TooLarge | NotListed | Compressed))


def _tls(ca_file: Path | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(ca_file) if ca_file else None)


def _listed(hosts: Iterable[str], context: ssl.SSLContext, max_bytes: int) -> httpx2.AsyncBaseTransport:
    # Each has connections of its own: one that hangs and fills them takes none from the others.
    pools = {
        _origin(httpx2.URL(host)): httpx2.AsyncHTTPTransport(verify=context, trust_env=False, limits=_CONNECTIONS)
        for host in hosts
    }
    return _Listed(pools, max_bytes)


class _Listed(httpx2.AsyncBaseTransport):
    def __init__(self, pools: Mapping[str, httpx2.AsyncBaseTransport], max_bytes: int) -> None:
        self._pools = pools
        self._max_bytes = max_bytes

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        pool = self._pools.get(_origin(request.url))
        if pool is None or request.url.userinfo:
            raise NotListed("host not on the list", request=request)
        if request.url.host.endswith(".localhost"):
            request.extensions = {**request.extensions, "sni_hostname": request.url.host}
            request.url = request.url.copy_with(host="127.0.0.1")
        request.headers["Accept-Encoding"] = "identity"
        response = await pool.handle_async_request(request)
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            await response.aclose()
            raise Compressed("the answer is compressed", request=request)
        response.stream = _Bounded(response.stream, self._max_bytes)
        return response

    async def aclose(self) -> None:
        for pool in self._pools.values():
            await pool.aclose()


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, inner: object, max_bytes: int) -> None:
        self._inner = inner
        self._left = max_bytes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        assert isinstance(self._inner, httpx2.AsyncByteStream)  # noqa: S101  (the transport is asynchronous)
        async for chunk in self._inner:
            self._left -= len(chunk)
            if self._left < 0:
                raise TooLarge("the answer is too large")
            yield chunk

    async def aclose(self) -> None:
        if isinstance(self._inner, httpx2.AsyncByteStream):
            await self._inner.aclose()


def _origin(url: httpx2.URL) -> str:
    port = url.port or {"https": 443, "http": 80}.get(url.scheme, 0)
    return f"{url.scheme}://{url.host}:{port}"
