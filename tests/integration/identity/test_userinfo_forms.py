"""Userinfo comes in the one form that was agreed with the provider, made in the agreed way; nothing else counts."""

from __future__ import annotations

import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import pytest
from joserfc.jwk import RSAKey
from starlette.responses import JSONResponse, Response
from tests.lying_provider import (
    KEY,
    OTHER_KEY,
    Claims,
    Liar,
    Visit,
    as_envelope,
    as_jwt,
    by_public_key,
    signed,
    unsigned,
)

from beeldpas.domain.errors import Refused

Say = Callable[[Claims, Liar], Response]
FORMS = ["json", "signed", "encrypted"]
ANNAS = "999990019"


def as_json(**lies: Any) -> Say:
    """Userinfo as plain JSON."""
    return lambda claims, _liar: JSONResponse(claims | lies)


def said(body: str, media_type: str = "application/jwt") -> Say:
    """Userinfo word for word."""
    return lambda _claims, _liar: Response(body, media_type=media_type)


def in_form(form: str, public: RSAKey) -> Say:
    """Honest userinfo in one of the forms."""
    return {"json": as_json(), "signed": as_jwt(), "encrypted": as_envelope(public)}[form]


@pytest.mark.parametrize("agreed", FORMS)
@pytest.mark.parametrize("given", FORMS)
async def test_only_the_agreed_form_of_userinfo_is_believed_and_never_a_weaker_one(
    visit: Visit, agreed: str, given: str
) -> None:
    visit.agree(userinfo=agreed)
    visit.liar.say_userinfo = in_form(given, visit.public_key)
    if agreed == given:
        assert (await visit.sign_in())["bsn"] == ANNAS
    else:
        with pytest.raises(Refused, match="login_identity_problem"):
            await visit.sign_in()


@pytest.mark.parametrize("encryption", ["A256GCM", "A128CBC-HS256"])
@pytest.mark.parametrize("agreed", ["A256GCM", "A128CBC-HS256"])
async def test_only_the_agreed_encryption_is_opened(visit: Visit, agreed: str, encryption: str) -> None:
    visit.agree(userinfo="encrypted", content_encryption=agreed)
    visit.liar.say_userinfo = as_envelope(visit.public_key, encryption)
    if agreed == encryption:
        assert (await visit.sign_in())["bsn"] == ANNAS
    else:
        with pytest.raises(Refused, match="login_identity_problem"):
            await visit.sign_in()


@pytest.mark.parametrize(
    "header",
    [{"alg": "RSA-OAEP-256"}, {"enc": "A128GCM"}, {"zip": "DEF"}],
    ids=str,
)
async def test_an_envelope_closed_in_another_way_than_agreed_stays_closed(
    visit: Visit, header: dict[str, str]
) -> None:
    visit.agree(userinfo="encrypted")
    visit.liar.say_userinfo = as_envelope(visit.public_key, **header)
    with pytest.raises(Refused, match="login_identity_problem"):
        await visit.sign_in()


@pytest.mark.parametrize(
    "inside",
    [
        unsigned,
        by_public_key,
        lambda claims: signed(claims, OTHER_KEY),
        lambda claims: signed(claims, OTHER_KEY, kid="of-nobody"),
        lambda claims: str(claims),
        lambda claims: "a.b.c",
    ],
    ids=["alg-none", "hmac-by-public-key", "another-issuers-key", "unknown-key", "not-signed", "rubbish"],
)
async def test_an_envelope_proves_nothing_by_itself(visit: Visit, inside: Callable[[Claims], str]) -> None:
    """Anybody can close one: our key is public."""
    visit.agree(userinfo="encrypted")
    visit.liar.say_userinfo = as_envelope(visit.public_key, inside=inside)
    with pytest.raises(Refused, match="login_identity_problem"):
        await visit.sign_in()


@pytest.mark.parametrize(
    "say",
    [
        as_json(sub="somebody-else"),
        as_json(sub=None),
        lambda claims, _liar: JSONResponse([claims]),
        said("rubbish", "application/json"),
        said('{"sub": "anna", "bsn": "999990019"}', "text/html"),
    ],
)
async def test_userinfo_in_json_that_is_not_right_lets_nobody_in(visit: Visit, say: Say) -> None:
    visit.liar.say_userinfo = say
    with pytest.raises(Refused, match="login_identity_problem"):
        await visit.sign_in()


@pytest.mark.parametrize(
    "say",
    [
        said("rubbish"),
        said("a.b.c"),
        said("a.b.c.d.e"),
        lambda claims, _liar: Response(unsigned(claims), media_type="application/jwt"),
        lambda claims, _liar: Response(by_public_key(claims), media_type="application/jwt"),
        as_jwt(OTHER_KEY),
        as_jwt(aud="another-client"),
        as_jwt(aud=["beeldpas-portal", "another-client"]),
        as_jwt(aud=None),
        as_jwt(iss="https://evil.example"),
        as_jwt(iss=None),
        as_jwt(exp=int(time.time()) - 120),
        as_jwt(exp="tomorrow"),
        as_jwt(nbf=int(time.time()) + 3600),
        as_jwt(sub="somebody-else"),
        as_jwt(sub=None),
    ],
)
async def test_signed_userinfo_that_is_not_right_lets_nobody_in(visit: Visit, say: Say) -> None:
    visit.agree(userinfo="signed")
    visit.liar.say_userinfo = say
    with pytest.raises(Refused, match="login_identity_problem"):
        await visit.sign_in()


@pytest.mark.parametrize("algorithm", ["PS256", "RS256"])
@pytest.mark.parametrize("agreed", ["PS256", "RS256"])
async def test_only_signatures_agreed_with_this_provider_count(visit: Visit, agreed: str, algorithm: str) -> None:
    visit.agree(userinfo="signed", signature_algorithms=(agreed,))
    visit.liar.sign = lambda claims: signed(claims, alg=agreed)
    visit.liar.say_userinfo = lambda claims, _liar: Response(
        signed(claims, alg=algorithm), media_type="application/jwt"
    )
    if agreed == algorithm:
        assert (await visit.sign_in())["bsn"] == ANNAS
    else:
        with pytest.raises(Refused, match="login_identity_problem"):
            await visit.sign_in()


async def test_userinfo_may_name_another_issuer_only_where_the_settings_say_which(visit: Visit) -> None:
    visit.agree(userinfo="signed", userinfo_issuer="max")
    visit.liar.say_userinfo = as_jwt(iss="max")
    assert (await visit.sign_in())["bsn"] == ANNAS


async def test_userinfo_of_the_issuer_itself_is_refused_where_another_one_is_agreed(visit: Visit) -> None:
    visit.agree(userinfo="signed", userinfo_issuer="max")
    visit.liar.say_userinfo = as_jwt(KEY)
    with pytest.raises(Refused, match="login_identity_problem"):
        await visit.sign_in()


@pytest.mark.parametrize("form", FORMS)
async def test_userinfo_nested_without_a_bottom_is_a_problem_and_no_incident(visit: Visit, form: str) -> None:
    visit.agree(userinfo=form)
    bottomless = "[" * 200_000
    as_text = {"json": (bottomless, "application/json"), "signed": (_dotted(bottomless, 2), "application/jwt")}
    visit.liar.say_userinfo = said(*as_text.get(form, (_dotted(bottomless, 4), "application/jwt")))
    with pytest.raises(Refused, match="login_identity_problem"):
        await visit.sign_in()


def _dotted(header: str, dots: int) -> str:
    return urlsafe_b64encode(header.encode()).decode().rstrip("=") + ".e30" * dots
