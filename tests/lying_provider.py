"""An OpenID provider of one's own that is honest until a test makes it lie, and somebody on the way through it."""

from __future__ import annotations

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from joserfc import jwe, jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from beeldpas.formats.jose import load_keys
from beeldpas.portal.identity.relying_party import Begun, Evidence, RelyingParty
from beeldpas.portal.settings import IssuerSettings

CLIENT_ID = "beeldpas-portal"
Claims = dict[str, Any]
KEY, OTHER_KEY = (RSAKey.generate_key(2048, {"kid": "issuer-1", "use": "sig"}) for _ in range(2))


@dataclass
class Liar:
    """What the provider does differently from an honest one. `nonce` is what the last sign-in asked for."""

    issuer: str = ""
    nonce: str = ""
    discovery: Claims = field(default_factory=dict)
    id_token: Claims = field(default_factory=dict)
    token: Claims = field(default_factory=dict)
    token_status: int = 200
    userinfo: Claims = field(default_factory=dict)
    userinfo_status: int = 200
    pushed_status: int = 201
    says_instead: tuple[int, str] | None = None
    forms: list[dict[str, str]] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    sign: Callable[[Claims], str] | None = None
    say_userinfo: Callable[[Claims, Liar], Response] | None = None
    keys: Any = None

    def claims(self) -> Claims:
        """An honest ID token, then the lies."""
        now = int(time.time())
        honest = {
            "iss": self.issuer,
            "sub": "anna",
            "aud": CLIENT_ID,
            "nonce": self.nonce,
            "iat": now,
            "exp": now + 300,
            "acr": "http://eidas.europa.eu/LoA/substantial",
        }
        return without_none(honest | self.id_token)

    def user(self) -> Claims:
        """Honest userinfo, then the lies."""
        now = int(time.time())
        honest = {"sub": "anna", "bsn": "999990019", "iss": self.issuer, "aud": CLIENT_ID, "exp": now + 60}
        return without_none(honest | self.userinfo)


def without_none(claims: Claims) -> Claims:
    return {name: value for name, value in claims.items() if value is not None}


def signed(claims: Claims, key: RSAKey = KEY, **header: str) -> str:
    """A signed JWT."""
    return jwt.encode({"alg": "PS256", "kid": "issuer-1", **header}, claims, key, algorithms=["PS256", "RS256"])


def unsigned(claims: Claims) -> str:
    """A JWT with `alg: none`."""
    parts = [{"alg": "none", "kid": "issuer-1"}, claims]
    return ".".join(urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."


def by_public_key(claims: Claims) -> str:
    """A JWT whose HMAC key is our issuer's public key, which everybody knows."""
    head, body = (
        urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
        for part in ({"alg": "HS256", "kid": "issuer-1"}, claims)
    )
    seal = hmac.digest(KEY.as_pem(private=False), head + b"." + body, "sha256")
    return b".".join((head, body, urlsafe_b64encode(seal).rstrip(b"="))).decode()


def application(liar: Liar) -> Starlette:
    """The provider's endpoints."""

    async def configuration(request: Request) -> Response:
        liar.fetched.append(request.url.path)
        if liar.says_instead:
            return Response(liar.says_instead[1], liar.says_instead[0], media_type="application/json")
        base = liar.issuer
        honest = {
            "issuer": base,
            "authorization_endpoint": f"{base}/auth",
            "token_endpoint": f"{base}/token",
            "userinfo_endpoint": f"{base}/me",
            "jwks_uri": f"{base}/jwks",
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "authorization_response_iss_parameter_supported": True,
        }
        return JSONResponse(without_none(honest | liar.discovery))

    async def jwks(request: Request) -> Response:
        liar.fetched.append(request.url.path)
        return JSONResponse(KeySet([KEY]).as_dict(private=False) if liar.keys is None else liar.keys)

    async def pushed(request: Request) -> Response:
        liar.forms.append(dict(parse_qsl((await request.body()).decode())))
        return JSONResponse({"request_uri": "urn:example:1", "expires_in": 60}, liar.pushed_status)

    async def token(request: Request) -> Response:
        liar.forms.append(dict(parse_qsl((await request.body()).decode())))
        honest = {"access_token": "a", "token_type": "Bearer", "id_token": (liar.sign or signed)(liar.claims())}
        return JSONResponse(without_none(honest | liar.token), liar.token_status)

    async def me(_request: Request) -> Response:
        if liar.say_userinfo:
            return liar.say_userinfo(liar.user(), liar)
        return JSONResponse(liar.user(), liar.userinfo_status)

    return Starlette(
        routes=[
            Route("/.well-known/openid-configuration", configuration),
            Route("/jwks", jwks),
            Route("/token", token, methods=["POST"]),
            Route("/par", pushed, methods=["POST"]),
            Route("/me", me),
        ]
    )


def as_jwt(key: RSAKey = KEY, *, kid: str = "issuer-1", **lies: Any) -> Callable[[Claims, Liar], Response]:
    """Userinfo as a signed JWT."""
    return lambda claims, _liar: Response(
        signed(without_none(claims | lies), key, kid=kid), media_type="application/jwt"
    )


def as_envelope(
    public: RSAKey, encryption: str = "A256GCM", inside: Callable[[Claims], str] | None = None, **header: str
) -> Callable[[Claims, Liar], Response]:
    """Userinfo as a signed JWT within an encrypted one; `inside` makes what is in it."""
    whole = {"alg": "RSA-OAEP", "enc": encryption, "cty": "JWT", **header}
    names = ["RSA-OAEP", "RSA-OAEP-256", "A256GCM", "A128GCM", "A128CBC-HS256", "DEF"]

    def say(claims: Claims, _liar: Liar) -> Response:
        body = jwe.encrypt_compact(whole, (inside or signed)(claims), public, algorithms=names)
        return Response(body, media_type="application/jwt")

    return say


@dataclass
class Visit:
    """A patient on the way through the provider."""

    liar: Liar
    settings: IssuerSettings
    party: RelyingParty

    @classmethod
    def at(cls, liar: Liar, settings: IssuerSettings) -> Visit:
        """Somebody who comes with these settings of the portal."""
        return cls(liar, settings, _party(settings))

    def agree(self, **changes: Any) -> None:
        """Let the portal's settings say something else of the provider."""
        self.settings = self.settings.model_copy(update=changes)
        self.party = _party(self.settings)

    @property
    def public_key(self) -> RSAKey:
        """The portal's public key, as the provider knows it."""
        fields = load_keys(self.settings.key_file).keys[0].as_dict(private=False)
        return RSAKey.import_key({name: fields[name] for name in ("kty", "n", "e")})

    async def sign_in(self, *, max_age: int | None = None, **answer: str | None) -> Claims:
        """Go there and come back; returns the userinfo that was believed."""
        return (await self.evidence(max_age, **answer)).userinfo

    async def evidence(self, max_age: int | None = None, **answer: str | None) -> Evidence:
        """Go there and come back; returns all that was believed."""
        try:
            return await self.come_back(await self.go(max_age), **answer)
        finally:
            await self.party.close()

    async def go(self, max_age: int | None = None) -> Begun:
        """Begin; the provider remembers the nonce that it was asked for, unless it wants to lie about it."""
        begun = await self.party.begin("nl", max_age)
        self.liar.nonce = self.liar.nonce or begun.nonce
        return begun

    async def come_back(self, begun: Begun, **answer: str | None) -> Evidence:
        """Bring the provider's answer, with lies in it if the test wants."""
        honest: Mapping[str, str | None] = {"code": "c", "state": begun.state, "iss": self.liar.issuer}
        brought = {name: value for name, value in (honest | answer).items() if value is not None}
        return await self.party.finish(brought, begun)


def _party(settings: IssuerSettings) -> RelyingParty:
    return RelyingParty(
        "digid", settings, base_url="http://portal.localhost", clock=lambda: datetime.now(UTC), stand_ins=True
    )
