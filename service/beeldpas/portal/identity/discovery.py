"""A provider's configuration and keys: read when first needed, checked before use, kept for an hour.

A key that nobody knows is looked for once more, and at most every ten seconds however many ask: nobody makes the
portal hammer a provider. Who waits for a try that fails shares its failure.
*Source:* OpenID Connect Discovery 1.0 §4; OpenID Connect Core 1.0 §10.1.1 (rotation of keys).
"""

import asyncio
import json
from base64 import urlsafe_b64decode
from time import monotonic
from typing import Any

import structlog
from httpx2 import HTTPError
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from beeldpas.domain.errors import Unavailable
from beeldpas.portal.identity.provider import Provider, Unfit, fitting, refuse_stand_ins
from beeldpas.portal.settings import IssuerSettings

_WELL_KNOWN = "/.well-known/openid-configuration"
_FRESH_SECONDS = 3600
_REFETCH_SECONDS = 10
_NOT_THERE = (404, 410)
log = structlog.get_logger()


class Discovery:
    """Reads one provider's configuration and keys; `stand_ins` says whether one for demonstrations will do."""

    def __init__(self, client: Any, settings: IssuerSettings, name: str, *, stand_ins: bool) -> None:
        self._client = client
        self._settings = settings
        self._name = name
        self._stand_ins = stand_ins
        self._provider: Provider | None = None
        self._keys = KeySet([])
        self._provider_read = self._keys_read = self._keys_tried = float("-inf")
        self._failures = 0
        self._lock = asyncio.Lock()

    async def provider(self, *, anew: bool = False) -> Provider:
        """Return the provider's checked metadata; `anew` asks for it now. Raises: Unavailable, Unfit."""
        failures = self._failures
        async with self._lock:
            if anew or self._provider is None or monotonic() - self._provider_read > _FRESH_SECONDS:
                if self._failures > failures:
                    raise Unavailable(self._name)
                self._provider = await self._read_provider()
                self._provider_read = monotonic()
            return self._provider

    async def keys_for(self, token: str) -> KeySet:
        """Return the keys, read again when the token names one that is not among them. Raises: Unavailable."""
        provider = await self.provider()
        async with self._lock:
            unknown = _kid(token) not in {key.kid for key in self._keys.keys}
            if monotonic() - self._keys_read > _FRESH_SECONDS or (
                unknown and monotonic() - self._keys_tried > _REFETCH_SECONDS
            ):
                self._keys_tried = monotonic()
                await self._read_keys(provider)
            return self._keys

    async def _read_provider(self) -> Provider:
        try:
            if not self._stand_ins:
                refuse_stand_ins(self._name, self._settings, {})
            document = await self._fetch(self._settings.issuer.rstrip("/") + _WELL_KNOWN)
            if not self._stand_ins:
                refuse_stand_ins(self._name, self._settings, document)
            return fitting(document, self._name, self._settings)
        except Unavailable as error:
            self._failures += 1
            if isinstance(error, Unfit):
                log.error("openid_provider_refused", provider=self._name, where=error.why)
            raise

    async def _read_keys(self, provider: Provider) -> None:
        try:
            self._keys = KeySet.import_key_set(await self._fetch(provider.jwks_uri))
        except (JoseError, ValueError, TypeError, KeyError) as error:
            log.error("openid_provider_refused", provider=self._name, where="jwks")
            raise Unavailable(self._name, retryable=False) from error
        self._keys_read = monotonic()

    async def _fetch(self, url: str) -> Any:
        try:
            response = await self._client.request("GET", url, withhold_token=True)
            document = response.json() if response.status_code == 200 else None
        except (HTTPError, ValueError, RecursionError) as error:
            raise Unavailable(self._name) from error
        if response.status_code in _NOT_THERE:
            raise Unfit(self._name, f"there is nothing at {url}")
        if not isinstance(document, dict):
            raise Unavailable(self._name)
        return document


def _kid(token: str) -> str | None:
    header = token.partition(".")[0]
    try:
        kid = json.loads(urlsafe_b64decode(header + "=" * (-len(header) % 4))).get("kid")
    except (ValueError, AttributeError, RecursionError):
        return None
    return kid if isinstance(kid, str) else None
