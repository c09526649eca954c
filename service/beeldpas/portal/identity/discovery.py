"""What a provider says of itself: endpoints and keys, read when first needed and checked before use.

The portal starts while a provider is down; signing in then answers with its own page.
*Source:* OpenID Connect Discovery 1.0 §4.3; RFC 9207 §3.
"""

import asyncio
import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import structlog
from httpx2 import HTTPError
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from beeldpas.domain.errors import Unavailable

_WELL_KNOWN = "/.well-known/openid-configuration"
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
_FRESH_SECONDS = 3600
_REFETCH_SECONDS = 10
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Provider:
    """The parts of a provider's metadata that a sign-in needs."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    jwks_uri: str
    sends_iss: bool


class Discovery:
    """Reads a provider's configuration and keys; keeps them for an hour."""

    def __init__(self, client: Any, issuer: str, name: str) -> None:
        self._client = client
        self._issuer = issuer
        self._name = name
        self._provider: Provider | None = None
        self._keys = KeySet([])
        self._provider_read = self._keys_read = float("-inf")
        self._lock = asyncio.Lock()

    async def provider(self) -> Provider:
        """Return the provider's checked metadata. Raises: Unavailable."""
        async with self._lock:
            if self._provider is None or monotonic() - self._provider_read > _FRESH_SECONDS:
                self._provider = self._checked(await self._fetch(self._issuer.rstrip("/") + _WELL_KNOWN))
                self._provider_read = monotonic()
            return self._provider

    async def keys(self) -> KeySet:
        """Return the provider's keys. Raises: Unavailable."""
        provider = await self.provider()
        async with self._lock:
            if monotonic() - self._keys_read > _FRESH_SECONDS:
                await self._read_keys(provider)
            return self._keys

    async def keys_for(self, token: str) -> KeySet:
        """Return the keys, read again when the token names one that is not among them (at most every ten seconds)."""
        keys = await self.keys()
        known = {key.kid for key in keys.keys}
        if _kid(token) in known or monotonic() - self._keys_read < _REFETCH_SECONDS:
            return keys
        async with self._lock:
            await self._read_keys(self._provider or await self.provider())
            return self._keys

    async def _read_keys(self, provider: Provider) -> None:
        try:
            self._keys = KeySet.import_key_set(await self._fetch(provider.jwks_uri))
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise self._refuse("jwks") from error
        self._keys_read = monotonic()

    async def _fetch(self, url: str) -> Any:
        try:
            response = await self._client.request("GET", url, withhold_token=True)
            document = response.json() if response.status_code == 200 else None
        except (HTTPError, ValueError) as error:
            raise Unavailable(self._name) from error
        if not isinstance(document, dict):
            raise Unavailable(self._name)
        return document

    def _checked(self, document: dict[str, Any]) -> Provider:
        """Refuse a provider that is not the configured one, or that cannot do what we insist on."""
        issuer, authorization, token, userinfo, jwks = (
            str(document.get(name, "")) for name in ("issuer", *_ENDPOINTS)
        )
        sends_iss = document.get("authorization_response_iss_parameter_supported") is True
        provider = Provider(issuer, authorization, token, userinfo, jwks, sends_iss)
        if provider.issuer != self._issuer:
            raise self._refuse("issuer")
        ours = urlsplit(self._issuer)
        for name in _ENDPOINTS:
            theirs = urlsplit(getattr(provider, name))
            if (theirs.scheme, theirs.netloc) != (ours.scheme, ours.netloc):
                raise self._refuse(name)
        for name, value in (
            ("response_types_supported", "code"),
            ("code_challenge_methods_supported", "S256"),
            ("token_endpoint_auth_methods_supported", "private_key_jwt"),
        ):
            if value not in document.get(name, ()):
                raise self._refuse(name)
        return provider

    def _refuse(self, where: str) -> Unavailable:
        log.error("openid_provider_refused", provider=self._name, where=where)
        return Unavailable(self._name, retryable=False)


def _kid(token: str) -> str | None:
    header = token.partition(".")[0]
    try:
        kid = json.loads(urlsafe_b64decode(header + "=" * (-len(header) % 4))).get("kid")
    except (ValueError, AttributeError):
        return None
    return kid if isinstance(kid, str) else None
