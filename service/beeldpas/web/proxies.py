"""Where a request comes from, when proxies stand between: believed of those proxies that the settings name, only.

Of all that proxies write into a request one thing is used: the address in `X-Forwarded-For`, read from the right,
since each proxy adds to the right and whatever stands further left may be the visitor's own invention. Host, scheme,
`Forwarded`, `X-Real-IP` and the rest are nobody's word. *Source:* RFC 7239 §8.1; docs/TRUST.md.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address
_FIELD = b"x-forwarded-for"
log = structlog.get_logger()


class TrustedProxies:
    """Sets `scope["client"]` to whoever is behind the trusted proxies; without a trusted one it stays as it is.

    Who comes through a UNIX socket is a proxy by that alone: only accounts of its group can reach it.
    """

    def __init__(self, app: ASGIApp, trusted: Sequence[Network] = ()) -> None:
        self.app = app
        self._trusted = tuple(trusted)
        self._has_warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "client": self._client(scope)}
        await self.app(scope, receive, send)

    def _client(self, scope: Scope) -> tuple[str, int] | None:
        peer: tuple[str, int] | None = scope.get("client")
        said = [value.decode("latin-1") for name, value in scope["headers"] if name == _FIELD]
        direct = read_address(peer[0]) if peer else None
        if peer and not (direct and is_within(direct, self._trusted)):
            self._warn(bool(said))
            return peer
        behind = address_behind(said, self._trusted)
        return (str(behind), 0) if behind else peer

    def _warn(self, is_proxy: bool) -> None:
        """Say once that a proxy stands before us that nobody told us of: everybody seems to come from it."""
        if is_proxy and not self._has_warned:
            self._has_warned = True
            log.warning("proxy_not_trusted")


def address_behind(said: Sequence[str], trusted: Sequence[Network]) -> Address | None:
    """Return the right-most address that is no trusted proxy's; of trusted ones only, the left-most.

    `said` are the fields in the order in which they came. At the first thing that is no address nothing further is
    read: whoever wrote it is no proxy that we know. None when no address is left.
    """
    found = None
    for text in reversed([part for field in said for part in field.split(",")]):
        address = read_address(text.strip())
        if address is None:
            return found
        found = address
        if not is_within(address, trusted):
            return found
    return found


def read_address(text: str) -> Address | None:
    """Read one address as proxies write it: bare, with a port, or in brackets; None for anything else."""
    host = text
    if text.startswith("["):
        host, closing, port = text[1:].partition("]")
        if not closing or (port and not (port.startswith(":") and port[1:].isdigit())):
            return None
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
        if not port.isdigit():
            return None
    try:
        address = ip_address(host)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return None if address.scope_id else address.ipv4_mapped or address
    return address


def is_within(address: Address, networks: Sequence[Network]) -> bool:
    """Say whether an address is in one of the networks."""
    return any(address.version == network.version and address in network for network in networks)
