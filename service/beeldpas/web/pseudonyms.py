"""Asking the process that gives people their names: over a UNIX socket of this machine, or over TLS.

The asking program has no key of the names. When the process does not answer, there are no names and nothing goes on.
*Source:* docs/wire.md §8, docs/decisions/0023-pseudonyms.md.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import httpx2
import structlog
from joserfc.jwk import KeySet
from pydantic import model_validator

from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Malformed, Unavailable
from beeldpas.formats.fingerprints import Fingerprints, Told, read_fingerprints, write_told
from beeldpas.formats.naming import MOST_AT_ONCE, read_names, sign_naming, write_people, write_standing
from beeldpas.web.outbound import open_client
from beeldpas.web.settings import Part

log = structlog.get_logger()
SOURCE = "pseudonyms"
_HERE = "http://pseudonyms.localhost"
_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")
_PATIENCE_SECONDS = 3.0
_ATTEMPTS = 2


class PseudonymSettings(Part):
    """Where the process is that makes names of numbers: exactly one of the two."""

    socket: Path | None = None
    base_url: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.socket is None) == (self.base_url is None):
            raise ValueError("either socket or base_url")
        address = urlsplit(self.base_url or _HERE)
        host = address.hostname or ""
        if address.scheme != "https" and host not in _THIS_MACHINE and not host.endswith(".localhost"):
            raise ValueError("a number leaves this machine over TLS only")
        return self


class AskedPseudonyms:
    """The names of people, as the process gives them to this program (`caller`: its base URL, `keys`: its own)."""

    def __init__(
        self,
        settings: PseudonymSettings,
        *,
        caller: str,
        keys: KeySet,
        clock: Callable[[], datetime],
        ca_file: Path | None = None,
    ) -> None:
        self._caller, self._keys, self._clock = caller, keys, clock
        self._base_url = (settings.base_url or _HERE).rstrip("/")
        self._client = _open(settings, ca_file)

    async def names(self, bsn: BSN) -> tuple[str, ...]:
        """Return the names of one person, newest first. Raises: Unavailable("pseudonyms")."""
        return (await self.names_of([bsn]))[bsn]

    async def names_of(self, people: Collection[BSN]) -> Mapping[BSN, tuple[str, ...]]:
        """Return the names of each person, newest first. Raises: Unavailable("pseudonyms")."""
        asked = list(dict.fromkeys(people))
        found: dict[BSN, tuple[str, ...]] = {}
        for begin in range(0, len(asked), MOST_AT_ONCE):
            part = asked[begin : begin + MOST_AT_ONCE]
            response = await self._post("/names", write_people(part))
            try:
                found |= zip(part, read_names(response.content, len(part)), strict=True)
            except Malformed as error:
                raise Unavailable(SOURCE, retryable=False) from error
        return found

    async def fingerprints_of(self, people: Sequence[Told]) -> tuple[Fingerprints, ...]:
        """Return fingerprints of what is told of up to 100 people, in order. Raises: Unavailable("pseudonyms")."""
        response = await self._post("/fingerprints", write_told(people))
        try:
            return read_fingerprints(response.content, len(people))
        except Malformed as error:
            raise Unavailable(SOURCE, retryable=False) from error

    async def report(self, rows: Mapping[str, int]) -> None:
        """Tell how many rows stand under names by each key. Raises: Unavailable("pseudonyms")."""
        await self._post("/standing", write_standing(rows))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _post(self, path: str, body: bytes) -> httpx2.Response:
        """Ask, and once more when the connection was an old one: a process that begins anew closes those."""
        token = sign_naming(body, caller=self._caller, now=self._clock(), key=self._keys)
        headers = {"Authorization": f"Bearer {token.reveal()}", "Content-Type": "application/json"}
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                response = await self._client.post(self._base_url + path, content=body, headers=headers)
            except httpx2.TransportError as error:
                if attempt < _ATTEMPTS and not isinstance(error, httpx2.TimeoutException):
                    continue
                log.error("pseudonyms_unavailable", kind=type(error).__name__)
                raise Unavailable(SOURCE) from error
            if response.is_success:
                return response
            log.error("pseudonyms_unavailable", status=response.status_code)
            raise Unavailable(SOURCE, retryable=response.status_code in (429, 503))
        raise Unavailable(SOURCE)


def _open(settings: PseudonymSettings, ca_file: Path | None) -> httpx2.AsyncClient:
    if settings.base_url:
        return open_client(hosts=[settings.base_url], ca_file=ca_file, deadline=_PATIENCE_SECONDS)
    transport = httpx2.AsyncHTTPTransport(uds=str(settings.socket), trust_env=False)
    return httpx2.AsyncClient(transport=transport, timeout=_PATIENCE_SECONDS, follow_redirects=False, trust_env=False)
