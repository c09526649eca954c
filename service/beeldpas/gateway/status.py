"""Whether a grant still holds: the issuers' status lists, fetched every second.

Freshness is the signed `iat`, which never goes back, and a list past its signed `exp` says nothing any more: then
nothing is served, and what runs is cut. The poller itself cuts what a new list ends.
*Source:* draft-ietf-oauth-status-list; docs/wire.md §5.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import httpx2
import structlog

from beeldpas.domain.errors import BeeldpasError, Refused, Unavailable
from beeldpas.formats import jose
from beeldpas.formats.statuslist import StatusList, TokenStatus
from beeldpas.gateway.tokens import TrustedIssuer
from beeldpas.gateway.transfers import Key, Transfers

STATUS_LIST_TYPE = "statuslist+jwt"
MEDIA_TYPE = "application/statuslist+jwt"
POLL_SECONDS = 1.0
_DEADLINE_SECONDS = 2.0
State = Literal["valid", "revoked", "suspended", "unknown"]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Known:
    """The newest list of one issuer."""

    entries: StatusList
    issued: int
    expires: int
    etag: str


class StatusBook:
    """The newest list of every trusted issuer, and what it says of one entry now."""

    def __init__(self, issuers: Sequence[TrustedIssuer], clock: Callable[[], datetime]) -> None:
        self._issuers = {issuer.settings.status_uri: issuer for issuer in issuers}
        self._clock = clock
        self._known: dict[str, _Known] = {}

    @property
    def uris(self) -> tuple[str, ...]:
        """The lists to fetch."""
        return tuple(self._issuers)

    def etag(self, uri: str) -> str | None:
        """Return the tag of the list that is known."""
        return self._known[uri].etag if uri in self._known else None

    def is_fresh(self, uri: str) -> bool:
        """Say whether the list may still be believed."""
        known = self._known.get(uri)
        return known is not None and self._clock().timestamp() < known.expires

    def state(self, key: Key) -> State:
        """Return what the list says of an entry; "unknown" without a fresh list."""
        uri, index = key
        if not self.is_fresh(uri):
            return "unknown"
        found = self._known[uri].entries[index]
        if found is TokenStatus.VALID:
            return "valid"
        return "suspended" if found is TokenStatus.SUSPENDED else "revoked"

    def require(self, key: Key) -> None:
        """Raises: Refused("share_revoked" or "share_suspended"); Unavailable("status") without a fresh list."""
        state = self.state(key)
        if state == "unknown":
            raise Unavailable("status", reason="status_unknown")
        if state != "valid":
            raise Refused(f"share_{state}")

    def take(self, uri: str, token: str, etag: str) -> None:
        """Believe a fetched list. Raises: Refused("invalid_token") when it is no newer list of this issuer."""
        issuer = self._issuers[uri]
        claims = jose.verify(
            token, typ=STATUS_LIST_TYPE, keys=issuer.keys, issuer=issuer.iss, audience=None, now=self._clock()
        )
        content = claims.get("status_list")
        known = self._known.get(uri)
        too_old = known is not None and claims["iat"] < known.issued
        if claims.get("sub") != uri or not isinstance(content, dict) or content.get("bits") != 2 or too_old:
            raise Refused("invalid_token")
        entries = StatusList.unpack(str(content.get("lst", "")))
        self._known[uri] = _Known(entries, claims["iat"], claims["exp"], etag)


class StatusPoller:
    """Fetches the lists, and cuts what they end."""

    def __init__(self, book: StatusBook, client: httpx2.AsyncClient, transfers: Transfers) -> None:
        self._book = book
        self._client = client
        self._transfers = transfers

    async def run(self) -> None:
        """Go round every second until cancelled; each list has its own rhythm."""
        await asyncio.gather(*(self._follow(uri) for uri in self._book.uris))

    async def _follow(self, uri: str) -> None:
        loop = asyncio.get_running_loop()
        while True:
            begun = loop.time()
            await self.fetch(uri)
            self.enforce(uri)
            await asyncio.sleep(max(0.0, POLL_SECONDS - (loop.time() - begun)))

    async def fetch(self, uri: str) -> None:
        """Fetch one list; a failure leaves what is known, which ends by itself."""
        etag = self._book.etag(uri)
        headers = {"Accept": MEDIA_TYPE} | ({"If-None-Match": etag} if etag else {})
        try:
            async with asyncio.timeout(_DEADLINE_SECONDS):
                response = await self._client.get(uri, headers=headers)
            if response.status_code == 200:
                self._book.take(uri, response.text, response.headers.get("ETag", ""))
            elif response.status_code != 304:
                log.warning("status_list_refused", status=response.status_code)
        except (httpx2.HTTPError, TimeoutError, BeeldpasError) as error:
            log.warning("status_list_failed", kind=type(error).__name__)

    def enforce(self, uri: str) -> None:
        """Cut every running answer of this list that it no longer vouches for."""
        for transfer in self._transfers:
            if transfer.key[0] != uri:
                continue
            state = self._book.state(transfer.key)
            if state != "valid":
                log.info("transfer_cut", event_id=transfer.event_id, state=state)
                transfer.cut("cut" if state == "unknown" else "revoked")


def utc_now() -> datetime:
    """The clock of a running program."""
    return datetime.now(UTC)
