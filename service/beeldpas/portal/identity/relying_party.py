"""The relying party: sends a browser to an OpenID provider and believes only what it can verify when it comes back.

Authorization code with PKCE S256, `state` and `nonce` of 256 bits used once, the request pushed where the provider
takes that, `private_key_jwt`, `iss` in the answer. *Source:* OpenID Connect Core 1.0 §3.1; RFC 7636; RFC 9126;
RFC 9207; NL GOV Assurance profile for OpenID Connect 1.0.1; RP-Initiated Logout 1.0 §2.
"""

import asyncio
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from httpx2 import HTTPError
from joserfc.jwk import KeySet

from beeldpas.domain.errors import Refused, Unavailable
from beeldpas.portal.identity.client_assertion import ShortAssertion, client_key
from beeldpas.portal.identity.discovery import Discovery
from beeldpas.portal.identity.provider import Provider
from beeldpas.portal.identity.pushing import pushed
from beeldpas.portal.identity.userinfo import unwrapped, verified
from beeldpas.portal.identity.verification import Claims, authenticated_at, problem, same_subject, verify_id_token
from beeldpas.portal.settings import IssuerSettings
from beeldpas.web.outbound import listed_transport

_CANCELLED = frozenset({"access_denied", "login_required", "interaction_required"})
_SIGNED_OUT = "/signed-out"
_LEAVING_SECONDS = 2.0


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
    """One provider's client. `name` ("digid") stands in the callback's path, so that no answer is mixed up.

    `stand_ins` says whether a provider that calls itself one for demonstrations may sign people in.
    """

    def __init__(
        self,
        name: str,
        settings: IssuerSettings,
        *,
        base_url: str,
        clock: Callable[[], datetime],
        ca_file: Path | None = None,
        stand_ins: bool = False,
    ) -> None:
        self.name = name
        self.callback_path = f"/callback/{name}"
        self._settings = settings
        self._base_url = base_url
        self._clock = clock
        self._key = client_key(settings.key_file)
        self._assertion = ShortAssertion(settings, self._key)
        self._client = self._open_client(ca_file)
        self._discovery = Discovery(self._client, settings, name, stand_ins=stand_ins)

    @property
    def issuer(self) -> str:
        """The provider's name for itself."""
        return self._settings.issuer

    async def check(self) -> None:
        """Ask the provider what it is, now. Raises: Unfit when it is not what it must be, Unavailable."""
        await self._discovery.provider(anew=True)

    async def begin(self, language: str, max_age: int | None = None) -> Begun:
        """Prepare a sign-in; `max_age` (seconds) makes the person show anew who they are, unless that recently.

        Raises: Unavailable when the provider's configuration cannot be had, or it does not take the request.
        """
        provider = await self._discovery.provider()
        begun = Begun("", token_urlsafe(32), token_urlsafe(32), token_urlsafe(48), max_age)
        url, _ = self._client.create_authorization_url(
            provider.authorization_endpoint,
            state=begun.state,
            nonce=begun.nonce,
            code_verifier=begun.verifier,
            ui_locales=language,
            **self._wishes(max_age),
        )
        return replace(begun, url=await self._pushed(url, provider) if provider.pushed_endpoint else url)

    async def finish(self, answer: Mapping[str, str], begun: Begun) -> Evidence:
        """Turn the provider's answer, the callback's query, into evidence. The door checks `state`.

        Raises: Refused("login_cancelled" | "login_identity_problem"), Unavailable.
        """
        provider = await self._discovery.provider()
        if answer.get("iss", provider.issuer if not provider.sends_iss else None) != provider.issuer:
            raise problem("answer iss")
        if "error" in answer:
            raise Refused("login_cancelled") if answer["error"] in _CANCELLED else problem("answer error")
        if not answer.get("code"):
            raise problem("answer code")
        token = await self._exchange(provider.token_endpoint, answer["code"], begun.verifier)
        signed = str(token.get("id_token", ""))
        keys, now = await self._discovery.keys_for(signed), self._clock()
        id_token = verify_id_token(signed, self._settings, keys=keys, nonce=begun.nonce, now=now)
        since = authenticated_at(id_token, max_age=begun.max_age, now=now)
        userinfo = await self._userinfo(provider.userinfo_endpoint, str(token["access_token"]))
        return Evidence(same_subject(id_token, userinfo), id_token, userinfo, since)

    async def way_out(self, language: str, state: str) -> str:
        """Return where somebody who signed out here signs out at the provider too; "" when that is nowhere.

        `state` comes back with them, in the query of `/signed-out`.

        Whether the provider answers is looked at now: nobody who leaves is sent to a page that does not come. No ID
        token goes along as a hint: it would have to be kept for that, and then stand in an address.
        """
        if not self._settings.sign_out_there:
            return ""
        try:
            async with asyncio.timeout(_LEAVING_SECONDS):
                offered = (await self._discovery.provider()).leaving_endpoint
                endpoint = (await self._discovery.provider(anew=True)).leaving_endpoint if offered else ""
        except (Unavailable, TimeoutError):
            return ""
        fields = {
            "client_id": self._settings.client_id,
            "post_logout_redirect_uri": self._base_url + _SIGNED_OUT,
            "state": state,
            "ui_locales": language,
        }
        return f"{endpoint}?{urlencode(fields)}" if endpoint else ""

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _wishes(self, max_age: int | None) -> dict[str, str]:
        """What is asked of the sign-in; whether it was heard is looked at afterwards."""
        levels = {"acr_values": " ".join(self._settings.acr_values)} if self._settings.acr_values else {}
        return levels | ({} if max_age is None else {"max_age": str(max_age)})

    async def _pushed(self, url: str, provider: Provider) -> str:
        """Hand the request over behind the browser's back; the browser carries a reference only."""
        form = dict(parse_qsl(urlsplit(url).query)) | self._assertion.fields(provider.token_endpoint)
        reference = await pushed(self._client, provider.pushed_endpoint, form, self.name)
        fields = {"client_id": self._settings.client_id, "request_uri": reference}
        return f"{provider.authorization_endpoint}?{urlencode(fields)}"

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
            raise problem("token endpoint") from error
        except (HTTPError, ValueError, RecursionError) as error:
            raise Unavailable(self.name) from error
        if not token.get("access_token") or str(token.get("token_type", "")).lower() != "bearer":
            raise problem("token type")
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
        text = unwrapped(response.content, response.headers.get("content-type", ""), self._settings, self._key)
        keys = KeySet([]) if self._settings.userinfo == "json" else await self._discovery.keys_for(text)
        return verified(text, self._settings, keys=keys, now=self._clock())

    def _open_client(self, ca_file: Path | None) -> Any:
        settings = self._settings
        client = AsyncOAuth2Client(
            client_id=settings.client_id,
            client_secret=self._key,
            token_endpoint_auth_method=ShortAssertion.name,
            scope="openid",
            redirect_uri=self._base_url + self.callback_path,
            code_challenge_method="S256",
            transport=listed_transport(hosts=[settings.issuer], ca_file=ca_file, max_bytes=1_000_000),
            verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),  # trusts nobody: only the transport above connects
            timeout=5.0,
            follow_redirects=False,
            trust_env=False,
        )
        client.register_client_auth_method(self._assertion)
        return client
