"""A provider that lies, one lie at a time: whatever is not right about its answers, nobody gets in."""

from __future__ import annotations

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from joserfc import jwe, jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from tests.running import running

from beeldpas.domain.errors import BeeldpasError, Refused, Unavailable
from beeldpas.formats.jose import load_keys, new_rsa_key
from beeldpas.keys import write_new_keys
from beeldpas.portal.identity.relying_party import Begun, Evidence, RelyingParty
from beeldpas.portal.settings import IssuerSettings

CLIENT_ID = "beeldpas-portal"
Claims = dict[str, Any]
KEY, OTHER_KEY = new_rsa_key("issuer-1"), new_rsa_key("issuer-1")


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
        return _without_none(honest | self.id_token)

    def user(self) -> Claims:
        """Honest userinfo, then the lies."""
        now = int(time.time())
        honest = {"sub": "anna", "bsn": "999990019", "iss": self.issuer, "aud": CLIENT_ID, "exp": now + 60}
        return _without_none(honest | self.userinfo)


def _without_none(claims: Claims) -> Claims:
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

    async def configuration(_request: Request) -> Response:
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
        return JSONResponse(honest | liar.discovery)

    async def jwks(_request: Request) -> Response:
        return JSONResponse(KeySet([KEY]).as_dict(private=False) if liar.keys is None else liar.keys)

    async def token(_request: Request) -> Response:
        honest = {"access_token": "a", "token_type": "Bearer", "id_token": (liar.sign or signed)(liar.claims())}
        return JSONResponse(_without_none(honest | liar.token), liar.token_status)

    async def me(_request: Request) -> Response:
        if liar.say_userinfo:
            return liar.say_userinfo(liar.user(), liar)
        return JSONResponse(liar.user(), liar.userinfo_status)

    return Starlette(
        routes=[
            Route("/.well-known/openid-configuration", configuration),
            Route("/jwks", jwks),
            Route("/token", token, methods=["POST"]),
            Route("/me", me),
        ]
    )


@pytest.fixture(scope="module")
def provider() -> Iterator[tuple[Liar, str]]:
    """The running provider and its address."""
    liar = Liar()
    with running(application(liar)) as port:
        liar.issuer = f"http://digid.localhost:{port}"
        yield liar, liar.issuer


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The portal's client key."""
    file = tmp_path_factory.mktemp("client") / "client.jwks.json"
    write_new_keys(file, "client-1", rsa=True)
    return file


@pytest.fixture
async def visit(provider: tuple[Liar, str], key_file: Path) -> Visit:
    """A sign-in at this provider, honest until the test makes it lie."""
    liar, issuer = provider
    liar.__init__(issuer=issuer)  # type: ignore[misc]
    settings = IssuerSettings(issuer=issuer, client_id=CLIENT_ID, key_file=key_file)
    party = RelyingParty("digid", settings, base_url="http://portal.localhost", clock=lambda: datetime.now(UTC))
    return Visit(liar, party, load_keys(key_file).keys[0])  # type: ignore[arg-type]


@dataclass
class Visit:
    """A patient on the way through the provider."""

    liar: Liar
    party: RelyingParty
    client_key: RSAKey

    async def sign_in(self, *, max_age: int | None = None, **answer: str | None) -> Claims:
        """Go there and come back; returns the userinfo that was believed."""
        return (await self.evidence(max_age, **answer)).userinfo

    async def evidence(self, max_age: int | None = None, **answer: str | None) -> Evidence:
        """Go there and come back; returns all that was believed."""
        try:
            begun: Begun = await self.party.begin("nl", max_age)
            self.liar.nonce = self.liar.nonce or dict(parse_qsl(urlsplit(begun.url).query))["nonce"]
            honest: Mapping[str, str | None] = {"code": "c", "state": begun.state, "iss": self.liar.issuer}
            brought = {name: value for name, value in (honest | answer).items() if value is not None}
            return await self.party.finish(brought, begun)
        finally:
            await self.party.close()


async def test_the_honest_provider_is_believed(visit: Visit) -> None:
    assert (await visit.sign_in())["bsn"] == "999990019"


@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another-client"},
        {"aud": [CLIENT_ID, "another-client"]},
        {"aud": None},
        {"azp": "another-client"},
        {"exp": int(time.time()) - 120},
        {"exp": None},
        {"exp": "tomorrow"},
        {"iat": int(time.time()) + 3600},
        {"iat": None},
        {"sub": "somebody-else"},
        {"sub": None},
        {"sub": 7},
    ],
    ids=str,
)
async def test_an_id_token_that_is_not_right_lets_nobody_in(visit: Visit, lie: Claims) -> None:
    visit.liar.id_token = lie
    with pytest.raises(Refused, match="login_identity_problem"):
        await visit.sign_in()


@pytest.mark.parametrize(
    "sign",
    [
        unsigned,
        by_public_key,
        lambda claims: signed(claims, OTHER_KEY),
        lambda claims: signed(claims, OTHER_KEY, kid="of-nobody"),
        lambda claims: signed(claims)[:-4] + "AAAA",
        lambda claims: "rubbish",
        lambda claims: "",
    ],
    ids=["alg-none", "hmac-by-public-key", "another-issuers-key", "unknown-key", "touched", "rubbish", "absent"],
)
async def test_an_id_token_that_is_not_signed_by_the_provider_lets_nobody_in(
    visit: Visit, sign: Callable[[Claims], str]
) -> None:
    visit.liar.sign = sign
    with pytest.raises(Refused, match="login_identity_problem"):
        await visit.sign_in()


async def test_who_signed_in_long_ago_has_to_do_so_anew_where_that_is_asked(visit: Visit) -> None:
    visit.liar.id_token = {"auth_time": int(time.time()) - 400}
    with pytest.raises(Refused, match="login_identity_problem"):
        await visit.sign_in(max_age=300)


@pytest.mark.parametrize("since", [None, "now", True, 1.5, int(time.time()) + 3600], ids=str)
async def test_a_provider_that_does_not_tell_when_somebody_signed_in_is_not_believed_where_that_is_asked(
    visit: Visit, since: object
) -> None:
    visit.liar.id_token = {"auth_time": since}
    with pytest.raises(Refused, match="login_identity_problem"):
        await visit.sign_in(max_age=300)


@pytest.mark.parametrize(("ago", "max_age"), [(None, None), (400, None), (0, 300), (299, 300)])
async def test_when_somebody_signed_in_is_part_of_the_evidence_where_the_provider_tells(
    visit: Visit, ago: int | None, max_age: int | None
) -> None:
    since = None if ago is None else int(time.time()) - ago
    visit.liar.id_token = {"auth_time": since}
    assert (await visit.evidence(max_age)).auth_time == since


def as_jwt(key: RSAKey = KEY, **lies: Any) -> Callable[[Claims, Liar], Response]:
    """Userinfo as a signed JWT."""
    return lambda claims, _liar: Response(signed(_without_none(claims | lies), key), media_type="application/jwt")


@pytest.mark.parametrize(
    "say",
    [
        lambda claims, liar: JSONResponse({**claims, "sub": "somebody-else"}),
        lambda claims, liar: JSONResponse({**claims, "sub": None}),
        lambda claims, liar: JSONResponse([claims]),
        lambda claims, liar: Response("rubbish", media_type="application/json"),
        lambda claims, liar: Response("rubbish", media_type="application/jwt"),
        lambda claims, liar: Response("a.b.c.d.e", media_type="application/jwt"),
        lambda claims, liar: Response(unsigned(claims), media_type="application/jwt"),
        as_jwt(OTHER_KEY),
        as_jwt(aud="another-client"),
        as_jwt(iss="https://evil.example"),
        as_jwt(exp=int(time.time()) - 120),
        as_jwt(exp="tomorrow"),
        as_jwt(sub="somebody-else"),
    ],
)
async def test_userinfo_that_is_not_right_lets_nobody_in(
    visit: Visit, say: Callable[[Claims, Liar], Response]
) -> None:
    visit.liar.say_userinfo = say
    with pytest.raises(Refused, match="login_identity_problem"):
        await visit.sign_in()


@pytest.mark.parametrize("encryption", ["A256GCM", "A128CBC-HS256"])
async def test_encrypted_userinfo_is_opened_with_our_key(visit: Visit, encryption: str) -> None:
    def encrypted(claims: Claims, _liar: Liar) -> Response:
        header = {"alg": "RSA-OAEP", "enc": encryption, "cty": "JWT"}
        public = RSAKey.import_key(
            {name: visit.client_key.as_dict(private=False)[name] for name in ("kty", "n", "e")}
        )
        body = jwe.encrypt_compact(header, signed(claims), public, algorithms=["RSA-OAEP", encryption])
        return Response(body, media_type="application/jwt")

    visit.liar.say_userinfo = encrypted
    assert (await visit.sign_in())["bsn"] == "999990019"


@pytest.mark.parametrize(
    "answer",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"code": None},
        {"code": ""},
        {"code": None, "error": "server_error"},
    ],
    ids=str,
)
async def test_an_answer_that_is_not_right_lets_nobody_in(visit: Visit, answer: dict[str, str | None]) -> None:
    with pytest.raises(Refused, match="login_identity_problem"):
        await visit.sign_in(**answer)


@pytest.mark.parametrize("error", ["access_denied", "login_required", "interaction_required"])
async def test_stopping_at_the_provider_is_cancelling(visit: Visit, error: str) -> None:
    with pytest.raises(Refused, match="login_cancelled"):
        await visit.sign_in(code=None, error=error)


@pytest.mark.parametrize(
    ("lies", "error"),
    [
        ({"token": {"error": "invalid_grant"}, "token_status": 400}, Refused),
        ({"token": {"token_type": "MAC"}}, Refused),
        ({"token": {"access_token": None}}, Refused),
        ({"token_status": 500}, Unavailable),
        ({"userinfo_status": 500}, Unavailable),
        ({"keys": {"keys": "none"}}, Unavailable),
        ({"discovery": {"issuer": "https://evil.example"}}, Unavailable),
        ({"discovery": {"token_endpoint": "https://evil.example/token"}}, Unavailable),
        ({"discovery": {"userinfo_endpoint": "http://169.254.169.254/"}}, Unavailable),
        ({"discovery": {"jwks_uri": ""}}, Unavailable),
        ({"discovery": {"code_challenge_methods_supported": ["plain"]}}, Unavailable),
        ({"discovery": {"token_endpoint_auth_methods_supported": ["client_secret_basic"]}}, Unavailable),
    ],
    ids=str,
)
async def test_a_provider_that_fails_or_is_not_what_it_should_be_lets_nobody_in(
    visit: Visit, lies: Claims, error: type[BeeldpasError]
) -> None:
    for name, value in lies.items():
        setattr(visit.liar, name, value)
    with pytest.raises(error):
        await visit.sign_in()


async def test_a_new_key_is_found_without_a_restart(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("beeldpas.portal.identity.discovery._REFETCH_SECONDS", 0)
    fresh = new_rsa_key("issuer-2")
    begun = await visit.party.begin("nl")
    visit.liar.nonce = begun.nonce
    answer = {"code": "c", "state": begun.state, "iss": visit.liar.issuer}
    await visit.party.finish(answer, begun)
    visit.liar.keys = KeySet([fresh]).as_dict(private=False)
    visit.liar.sign = lambda claims: signed(claims, fresh, kid="issuer-2")
    assert (await visit.party.finish(answer, begun)).subject == "anna"
    await visit.party.close()


async def test_a_provider_that_is_down_is_said_to_be_down(key_file: Path) -> None:
    settings = IssuerSettings(issuer="http://digid.localhost:9", client_id=CLIENT_ID, key_file=key_file)
    party = RelyingParty("digid", settings, base_url="http://portal.localhost", clock=lambda: datetime.now(UTC))
    with pytest.raises(Unavailable):
        await party.begin("nl")
    await party.close()
