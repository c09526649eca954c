"""The relying party: sends a browser to an OpenID provider and believes only what it can verify when it comes back.

Authorization code with PKCE S256, `state` and `nonce` of 256 bits used once, `private_key_jwt` (PS256), `iss` in the
answer. *Source:* OpenID Connect Core 1.0 §3.1; RFC 7636; RFC 9207; NL GOV Assurance profile for OpenID Connect 1.0.1.
"""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT, private_key_jwt_sign
from httpx2 import HTTPError
from joserfc.jwk import RSAKey

from beeldpas.domain.errors import Refused, Unavailable
from beeldpas.formats.jose import load_keys
from beeldpas.portal.identity.discovery import Discovery
from beeldpas.portal.identity.verification import (
    Claims,
    authenticated_at,
    same_subject,
    verify_id_token,
    verify_userinfo,
)
from beeldpas.portal.settings import IssuerSettings
from beeldpas.web.outbound import listed_transport

_ALGORITHM = "PS256"
_ASSERTION_SECONDS = 60
_CANCELLED = frozenset({"access_denied", "login_required", "interaction_required"})


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in under way: where to send the browser, and what must be remembered until it returns."""

    url: str
    state: str
    nonce: str
    verifier: str
    max_age: int | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the provider said of somebody: verified, about one subject, for this sign-in.

    `auth_time` is when they last showed the provider who they are (seconds since 1970); None when it does not tell.
    """

    subject: str
    id_token: Claims
    userinfo: Claims
    auth_time: int | None = None


class RelyingParty:
    """One provider's client. `name` ("digid") stands in the callback's path, so that no answer is mixed up."""

    def __init__(
        self,
        name: str,
        settings: IssuerSettings,
        *,
        base_url: str,
        clock: Callable[[], datetime],
        ca_file: Path | None = None,
    ) -> None:
        self.name = name
        self.callback_path = f"/callback/{name}"
        self._settings = settings
        self._redirect_uri = base_url + self.callback_path
        self._clock = clock
        self._key = _client_key(settings.key_file)
        self._client = self._open_client(ca_file)
        self._discovery = Discovery(self._client, settings.issuer, name)

    async def begin(self, language: str, max_age: int | None = None) -> Begun:
        """Prepare a sign-in; `max_age` (seconds) makes the person show anew who they are, unless that recently.

        Raises: Unavailable when the provider's configuration cannot be had.
        """
        provider = await self._discovery.provider()
        begun = Begun("", token_urlsafe(32), token_urlsafe(32), token_urlsafe(48), max_age)
        url, _ = self._client.create_authorization_url(
            provider.authorization_endpoint,
            state=begun.state,
            nonce=begun.nonce,
            code_verifier=begun.verifier,
            ui_locales=language,
            **({} if max_age is None else {"max_age": max_age}),
        )
        return replace(begun, url=url)

    async def finish(self, answer: Mapping[str, str], begun: Begun) -> Evidence:
        """Turn the provider's answer, the callback's query, into evidence. The door checks `state`.

        Raises: Refused("login_cancelled" | "login_identity_problem"), Unavailable.
        """
        provider = await self._discovery.provider()
        if answer.get("iss", provider.issuer if not provider.sends_iss else None) != provider.issuer:
            raise _problem("answer iss")
        if "error" in answer:
            raise Refused("login_cancelled") if answer["error"] in _CANCELLED else _problem("answer error")
        if not answer.get("code"):
            raise _problem("answer code")
        token = await self._exchange(provider.token_endpoint, answer["code"], begun.verifier)
        id_token = verify_id_token(
            str(token.get("id_token", "")),
            keys=await self._discovery.keys_for(str(token.get("id_token", ""))),
            issuer=provider.issuer,
            client_id=self._settings.client_id,
            nonce=begun.nonce,
            now=self._clock(),
        )
        since = authenticated_at(id_token, max_age=begun.max_age, now=self._clock())
        userinfo = await self._userinfo(provider.userinfo_endpoint, str(token["access_token"]))
        return Evidence(same_subject(id_token, userinfo), id_token, userinfo, since)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _exchange(self, endpoint: str, code: str, verifier: str) -> Mapping[str, Any]:
        try:
            token = await self._client.fetch_token(
                endpoint,
                grant_type="authorization_code",
                code=code,
                code_verifier=verifier,
                client_id=self._settings.client_id,
            )
        except OAuthError as error:
            raise _problem("token endpoint") from error
        except (HTTPError, ValueError) as error:
            raise Unavailable(self.name) from error
        if not token.get("access_token") or str(token.get("token_type", "")).lower() != "bearer":
            raise _problem("token type")
        return dict(token)

    async def _userinfo(self, endpoint: str, access_token: str) -> Claims:
        try:
            response = await self._client.request(
                "GET", endpoint, withhold_token=True, headers={"Authorization": f"Bearer {access_token}"}
            )
        except HTTPError as error:
            raise Unavailable(self.name) from error
        if response.status_code != 200:
            raise Unavailable(self.name)
        return verify_userinfo(
            response.content,
            response.headers.get("content-type", ""),
            private_key=self._key,
            keys=await self._discovery.keys(),
            issuer=self._settings.issuer,
            client_id=self._settings.client_id,
            now=self._clock(),
        )

    def _open_client(self, ca_file: Path | None) -> Any:
        settings = self._settings
        client = AsyncOAuth2Client(
            client_id=settings.client_id,
            client_secret=self._key,
            token_endpoint_auth_method=_ShortAssertion.name,
            scope="openid",
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
            transport=listed_transport(hosts=[settings.issuer], ca_file=ca_file, max_bytes=1_000_000),
            verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),  # trusts nobody: only the transport above connects
            timeout=5.0,
            follow_redirects=False,
            trust_env=False,
        )
        audience = settings.issuer if settings.assertion_audience == "issuer" else None
        client.register_client_auth_method(_ShortAssertion(audience, headers={"kid": self._key.kid}))
        return client


def _problem(where: str) -> Refused:
    return Refused("login_identity_problem", {"where": where})


def _client_key(file: Path) -> RSAKey:
    """Return the client's one key, which both signs and decrypts; a key file may name one use or algorithm only."""
    key = load_keys(file).keys[0]
    if not isinstance(key, RSAKey):
        raise ValueError(f"{file}: the key of an OpenID client is RSA")
    fields = key.as_dict(private=True)
    return RSAKey.import_key({name: value for name, value in fields.items() if name not in {"alg", "use", "key_ops"}})


class _ShortAssertion(PrivateKeyJWT):  # type: ignore[misc]  # authlib has no types
    """A client assertion of one minute, new for every request (the library's own lives an hour)."""

    alg = _ALGORITHM

    def sign(self, auth: Any, token_endpoint: str) -> str:
        signed: str = private_key_jwt_sign(
            auth.client_secret,
            client_id=auth.client_id,
            token_endpoint=token_endpoint,
            header=dict(self.headers or {}),
            alg=self.alg,
            expires_in=_ASSERTION_SECONDS,
        )
        return signed
