"""Whether a grant still holds: the issuers' status lists, fetched every second.

Freshness is the signed `iat`, which never goes back, and a list past its signed `exp` says nothing any more: then
nothing is served, and what runs is cut. Neither a clock that is set back nor the same list sent again makes it live
longer. The poller itself cuts what a new list ends.
*Source:* draft-ietf-oauth-status-list; docs/wire.md §5.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Literal

import httpx2
import structlog

from beeldpas.domain.errors import BeeldpasError, Refused, Unavailable
from beeldpas.formats import jose
from beeldpas.formats.statuslist import StatusList, TokenStatus
from beeldpas.gateway.tokens import TrustedIssuer
from beeldpas.gateway.transfers import Key, Transfers
from beeldpas.web.steady import steadily

STATUS_LIST_TYPE = "statuslist+jwt"
MEDIA_TYPE = "application/statuslist+jwt"
POLL_SECONDS = 1.0
_DEADLINE_SECONDS = 2.0
_LONGEST_SECONDS = 60
_SKEW_SECONDS = 5
State = Literal["valid", "revoked", "suspended", "unknown"]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Known:
    """The newest list of one issuer; `until` bounds its life on a clock that nobody sets."""

    token: str
    entries: StatusList
    issued: int
    expires: int
    until: float
    etag: str


class StatusBook:
    """The newest list of every trusted issuer, and what it says of one entry now."""

    def __init__(
        self,
        issuers: Sequence[TrustedIssuer],
        clock: Callable[[], datetime],
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuers = {issuer.settings.status_uri: issuer for issuer in issuers}
        self._clock = clock
        self._ticks = ticks
        self._known: dict[str, _Known] = {}

    @property
    def uris(self) -> tuple[str, ...]:
        """The lists to fetch."""
        return tuple(self._issuers)

    def etag(self, uri: str) -> str | None:
        """Return the tag of the list that is known, while it may be believed: a later one must come whole."""
        return self._known[uri].etag if self.is_fresh(uri) else None

    def is_fresh(self, uri: str) -> bool:
        """Say whether the list may still be believed."""
        known = self._known.get(uri)
        if known is None or self._ticks() >= known.until:
            return False
        return self._clock().timestamp() < known.expires

    def now(self) -> datetime:
        """Return what this machine's clock says."""
        return self._clock()

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
        """Believe a fetched list. Raises: Refused("invalid_token") when it is no newer list of this issuer.

        Of two lists of one second nobody knows which is the newer: what either of them ends is ended.
        """
        issuer = self._issuers[uri]
        claims = jose.verify(
            token, typ=STATUS_LIST_TYPE, keys=issuer.keys, issuer=issuer.iss, audience=None, now=self._clock()
        )
        content = claims.get("status_list")
        known = self._known.get(uri)
        issued, lifetime = claims["iat"], claims["exp"] - claims["iat"]
        too_old = known is not None and issued < known.issued
        if claims.get("sub") != uri or not isinstance(content, dict) or content.get("bits") != 2 or too_old:
            raise Refused("invalid_token")
        if lifetime > _LONGEST_SECONDS:
            raise Refused("invalid_token")
        entries, until = StatusList.unpack(str(content.get("lst", ""))), self._ticks() + lifetime
        if known is not None and issued == known.issued:
            if token != known.token:
                entries = entries.worse_of(known.entries)
            until = known.until
        self._known[uri] = _Known(token, entries, issued, claims["exp"], until, etag)


class StatusPoller:
    """Fetches the lists, and cuts what they end."""

    def __init__(self, book: StatusBook, client: httpx2.AsyncClient, transfers: Transfers) -> None:
        self._book = book
        self._client = client
        self._transfers = transfers
        self._said: dict[str, str] = {}
        self._skews: dict[str, int] = {}

    @property
    def skew_seconds(self) -> int:
        """How far this machine's clock is ahead of an issuer's, the largest of them; below zero it is behind."""
        return max(self._skews.values(), key=abs, default=0)

    async def run(self) -> None:
        """Go round every second until cancelled; each list has its own rhythm."""
        await asyncio.gather(*(steadily("status", partial(self._follow, uri)) for uri in self._book.uris))

    async def _follow(self, uri: str) -> None:
        loop = asyncio.get_running_loop()
        while True:
            begun = loop.time()
            try:
                await self.fetch(uri)
            finally:
                self.enforce(uri)
            await asyncio.sleep(max(0.0, POLL_SECONDS - (loop.time() - begun)))

    async def fetch(self, uri: str) -> None:
        """Fetch one list; a failure leaves what is known, which ends by itself."""
        etag = self._book.etag(uri)
        headers = {"Accept": MEDIA_TYPE} | ({"If-None-Match": etag} if etag else {})
        try:
            async with asyncio.timeout(_DEADLINE_SECONDS):
                response = await self._client.get(uri, headers=headers)
            self._compare_clocks(uri, response.headers)
            if response.status_code == 200:
                self._book.take(uri, response.text, response.headers.get("ETag", ""))
            if response.status_code in (200, 304):
                self._say(uri, "status_list_taken")
            else:
                self._say(uri, "status_list_refused", status=response.status_code)
        except (httpx2.HTTPError, TimeoutError, BeeldpasError) as error:
            self._say(uri, "status_list_failed", kind=type(error).__name__)

    def _compare_clocks(self, uri: str, headers: Mapping[str, str]) -> None:
        """Tell how far apart the clocks are, for whoever must mend them; nothing is decided by it."""
        try:
            theirs = parsedate_to_datetime(headers["Date"])
            skew = round((self._book.now() - theirs).total_seconds())
        except (KeyError, ValueError, TypeError):
            return
        self._skews[uri] = skew if abs(skew) > _SKEW_SECONDS else 0

    def _say(self, uri: str, event: str, **facts: object) -> None:
        """Log what is other than a second ago, and how far apart the clocks are when they are."""
        if skew := self._skews.get(uri):
            facts["clock_ahead_seconds"] = skew
        said = f"{event} {sorted(facts)} {facts.get('status', facts.get('kind', ''))}"
        if said != self._said.get(uri):
            self._said[uri] = said
            (log.info if event == "status_list_taken" and not skew else log.warning)(event, uri=uri, **facts)

    def enforce(self, uri: str) -> None:
        """Cut every running answer of this list that it no longer vouches for."""
        for transfer in self._transfers:
            if transfer.key[0] != uri:
                continue
            state = self._book.state(transfer.key)
            if state != "valid":
                log.info("transfer_cut", event_id=transfer.event_id, state=state)
                transfer.cut("revoked" if state == "revoked" else "cut")


def utc_now() -> datetime:
    """The clock of a running program."""
    return datetime.now(UTC)
