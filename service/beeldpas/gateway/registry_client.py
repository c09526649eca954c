"""Talking to the registry: a token for five minutes, messages sent again while it is busy, answers in plain words.

*Source:* docs/wire.md §2; RFC 6749 §4.4; RFC 9110 §10.2.3 (Retry-After).
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

import httpx2
from joserfc.jwk import KeySet

from beeldpas.domain.errors import Malformed, Refused, Unavailable
from beeldpas.domain.secret import Secret
from beeldpas.formats.assertion import CLIENT_ASSERTION_TYPE, sign_assertion
from beeldpas.formats.fhir import text
from beeldpas.formats.fhir.text import Resource
from beeldpas.formats.fhir.values import objects
from beeldpas.formats.fhir.values import text as shown
from beeldpas.formats.hospitals import is_below

SOURCE = "registry"
_WAITS_SECONDS = (1.0, 2.0, 4.0, 8.0, 16.0)
_LONGEST_WAIT_SECONDS = 60.0
_MOST_PAGES = 100_000
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(slots=True)
class RegistryClient:
    """One registry as one gateway talks to it; `client_id` is the gateway's base URL, `pause` waits some seconds."""

    base_url: str
    client_id: str
    keys: KeySet
    client: httpx2.AsyncClient
    clock: Callable[[], datetime]
    pause: Callable[[float], Awaitable[None]]
    _token: Secret | None = field(default=None, init=False)

    async def send(self, bundle: Resource) -> None:
        """Send one transaction; it is taken as a whole or not at all.

        Raises: Malformed or Refused when the registry will never take it, with its reason in `detail`;
        Unavailable("registry") when it could not be brought to take it now.
        """
        body = text.render(bundle).encode()
        response = await self._post(body)
        if response.status_code == 401:  # the token ran out under way
            self._token = None
            response = await self._post(body)
        if response.status_code == 200:
            return
        kind = Refused if response.status_code in (401, 403) else Malformed
        raise kind("registry_refuses", {"status": response.status_code, "where": _diagnostics(response)})

    async def pages(self, kind: str) -> AsyncIterator[Resource]:
        """Yield the registry's list of this hospital's own entries of a kind, page by page.

        Raises: Refused when the registry does not know this hospital; Malformed for what is no such list;
        Unavailable("registry").
        """
        address = f"{self.base_url}/fhir/{kind}?_elements=identifier,status"
        for _ in range(_MOST_PAGES):
            response = await self._get(address)
            if response.status_code == 401:
                self._token = None
                response = await self._get(address)
            if response.status_code != 200:
                kind_of = Refused if response.status_code in (401, 403) else Malformed
                raise kind_of("registry_refuses", {"status": response.status_code, "where": _diagnostics(response)})
            page = text.parse(response.content)
            yield page
            following = [link.get("url") for link in objects(page.get("link")) if link.get("relation") == "next"]
            if not following:
                return
            address = str(following[0])
            if not is_below(address, f"{self.base_url}/fhir"):
                raise Malformed("registry_refuses", {"where": "next link"})
        raise Malformed("registry_refuses", {"where": "too many pages"})

    async def _get(self, address: str) -> httpx2.Response:
        token = await self._bearer()
        headers = {"Authorization": f"Bearer {token.reveal()}", "Accept": text.MEDIA_TYPE}
        return await self._patiently(lambda: self.client.get(address, headers=headers))

    async def _post(self, body: bytes) -> httpx2.Response:
        headers = {"Content-Type": text.MEDIA_TYPE}
        token = await self._bearer()
        return await self._patiently(
            lambda: self.client.post(
                f"{self.base_url}/fhir",
                content=body,
                headers={**headers, "Authorization": f"Bearer {token.reveal()}"},
            )
        )

    async def _bearer(self) -> Secret:
        if self._token is None:
            response = await self._patiently(self._ask_token)
            try:
                self._token = Secret(str(text.parse(response.content)["access_token"]))
            except (Malformed, KeyError) as error:
                raise Refused("registry_refuses", {"status": response.status_code, "where": "token"}) from error
        return self._token

    async def _ask_token(self) -> httpx2.Response:
        """A fresh proof for each try: a proof is good for one use."""
        proof = sign_assertion(client_id=self.client_id, audience=self.base_url, now=self.clock(), key=self.keys)
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": CLIENT_ASSERTION_TYPE,
            "client_assertion": proof.reveal(),
        }
        return await self.client.post(f"{self.base_url}/token", data=form)

    async def _patiently(self, call: Callable[[], Awaitable[httpx2.Response]]) -> httpx2.Response:
        """Try again after 1, 2, 4, 8 and 16 s, or when the registry says; then give up."""
        for wait in (*_WAITS_SECONDS, None):
            try:
                response = await call()
            except httpx2.TransportError as error:
                if wait is None:
                    raise Unavailable(SOURCE) from error
            else:
                if response.status_code not in _AGAIN:
                    return response
                wait = wait and max(wait, _asked_wait(response))
            if wait is not None:
                await self.pause(wait)
        raise Unavailable(SOURCE)


def _asked_wait(response: httpx2.Response) -> float:
    asked = response.headers.get("retry-after", "")
    return min(float(asked), _LONGEST_WAIT_SECONDS) if asked.isdecimal() else 0.0


def _diagnostics(response: httpx2.Response) -> str:
    """What an OperationOutcome says, on one line; the registry never repeats values in it."""
    try:
        issues = objects(text.parse(response.content).get("issue"))
    except Malformed:
        return ""
    return "; ".join(words for issue in issues if (words := shown(issue.get("diagnostics"))))
