"""Who reads a signed message believes its own list of keys, and nothing that the message says about itself."""

import json
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey
from tests.cast import NOW

from beeldpas.domain.errors import Refused
from beeldpas.formats.jose import new_key, public_jwks, sign, unverified_issuer, verify

PORTAL, NOORD = "https://portal.example", "https://noord.example"
KEY = new_key("portal-1")
KEYS = KeySet.import_key_set(public_jwks(KeySet([KEY])))  # type: ignore[arg-type]
CLAIMS = {"iss": PORTAL, "aud": NOORD, "iat": int(NOW.timestamp()), "exp": int(NOW.timestamp()) + 60}


def read(token: str, **changed: Any) -> dict[str, Any]:
    wanted = {"typ": "question+jwt", "keys": KEYS, "issuer": PORTAL, "audience": NOORD, "now": NOW} | changed
    return verify(token, **wanted)


def token(**changed: Any) -> str:
    return sign(CLAIMS | changed, typ="question+jwt", key=KEY)


def test_a_message_from_the_right_one_for_the_right_one_is_read() -> None:
    assert read(token(sub="x"))["sub"] == "x"


def test_the_same_claims_give_the_same_bytes() -> None:
    assert token() == token()


def test_published_keys_hold_no_private_half() -> None:
    assert '"d"' not in json.dumps(public_jwks(KeySet([KEY])))


@pytest.mark.parametrize(
    "changed",
    [
        {"typ": "at+jwt"},
        {"issuer": "https://other.example"},
        {"audience": "https://west.example"},
        {"now": NOW + timedelta(seconds=60)},
        {"now": NOW - timedelta(seconds=31)},
        {"keys": KeySet([new_key("portal-1")])},
    ],
)
def test_a_message_of_another_kind_issuer_audience_time_or_key_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="invalid_token"):
        read(token(), **changed)


@pytest.mark.parametrize(
    "changed", [{"exp": None}, {"iat": "now"}, {"exp": float("inf")}, {"aud": [NOORD]}, {"exp": True}]
)
def test_a_message_with_claims_of_the_wrong_kind_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="invalid_token"):
        read(token(**changed))


def forged(header: dict[str, Any], signature: str = "") -> str:
    parts = (urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, CLAIMS))
    return ".".join([*parts, signature])


def test_unsigned_messages_are_refused() -> None:
    for alg in ("none", "None", "", None):
        with pytest.raises(Refused, match="invalid_token"):
            read(forged({"alg": alg, "typ": "question+jwt", "kid": "portal-1"}))


def test_our_public_key_used_as_a_shared_secret_is_refused() -> None:
    secret = OctKey.import_key(json.dumps(public_jwks(KeySet([KEY])))[:64])
    confused = jwt.encode({"alg": "HS256", "typ": "question+jwt", "kid": "portal-1"}, CLAIMS, secret)
    with pytest.raises(Refused, match="invalid_token"):
        read(confused)


def test_a_key_that_the_message_brings_along_is_not_believed() -> None:
    stranger = new_key("portal-1")
    header = {"alg": "Ed25519", "typ": "question+jwt", "kid": "portal-1", "jwk": stranger.as_dict(private=False)}
    with pytest.raises(Refused, match="invalid_token"):
        read(jwt.encode(header, CLAIMS, stranger, algorithms=["Ed25519"]))


@pytest.mark.parametrize("text", ["", "a", "a.b.c", "..", "a.b.c.d", "e30.W10.x"])
def test_rubbish_is_refused_and_has_no_issuer(text: str) -> None:
    assert unverified_issuer(text) == ""
    with pytest.raises(Refused, match="invalid_token"):
        read(text)


def test_the_claimed_issuer_is_only_for_choosing_keys() -> None:
    assert unverified_issuer(token()) == PORTAL
