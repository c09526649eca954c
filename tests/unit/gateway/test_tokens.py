"""What a gateway refuses: one table, one answer."""

import json
from base64 import urlsafe_b64encode
from datetime import timedelta

import pytest
from joserfc.jwk import KeySet
from tests.cast import NOW
from tests.hospital import settings
from tests.hospital_images import HEAD_CT, KNEE_MR
from tests.hospital_portal import Portal

from beeldpas.domain.errors import Refused
from beeldpas.formats.jose import load_keys, new_key, sign
from beeldpas.gateway.tokens import Trust
from beeldpas.keys import write_new_keys

GATEWAY, WEST = "http://127.0.0.1:8100", "https://west.example"
PORTAL = "https://portal.example"


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Portal:
    folder = tmp_path_factory.mktemp("trust")
    write_new_keys(folder / "portal.jwks.json", "portal-1")
    return Portal(folder, load_keys(folder / "portal.jwks.json"), PORTAL)


@pytest.fixture(scope="module")
def trust(portal: Portal) -> Trust:
    return Trust(settings(portal.folder, portal, 8100))


def unsigned(token: str, algorithm: str = "none") -> str:
    header = json.dumps({"alg": algorithm, "typ": "at+jwt", "kid": "portal-1"}).encode()
    return f"{urlsafe_b64encode(header).rstrip(b'=').decode()}.{token.split('.')[1]}."


def test_a_token_admits_to_what_it_says_and_no_more(portal, trust):
    admission = trust.admit(portal.token(GATEWAY, [HEAD_CT, KNEE_MR], now=NOW, index=7), NOW)
    grant = admission.grant
    assert (grant.handle, grant.basis, grant.issuer, grant.gateway_id) == ("grant-7", "share", PORTAL, "noord")
    assert grant.studies == {HEAD_CT, KNEE_MR}
    assert grant.ends_at == NOW + timedelta(days=1)
    assert (grant.receiver.kind, grant.receiver.ura) == ("self-declared", None)
    assert (admission.key, admission.purpose, admission.language) == ((f"{PORTAL}/status/noord", 7), "TREAT", "nl")


REFUSED = {
    "token for another gateway": {"aud": WEST},
    "several audiences": {"aud": [GATEWAY, WEST]},
    "made for another client": {"client_id": WEST},
    "location of another gateway": {"details_locations": [WEST]},
    "unknown basis": {"details_basis": "emergency"},
    "another kind of detail": {"details_type": "urn:beeldpas:imaging:2"},
    "another action": {"details_actions": ["search"]},
    "a confirmed generation without one": {"details_confirmed": {}},
    "a confirmed generation in words": {"details_confirmed": {"generation": "3"}},
    "a confirmed generation before the first": {"details_confirmed": {"generation": -1}},
    "no studies": {"details_studies": []},
    "a study that is no UID": {"details_studies": [HEAD_CT + "."]},
    "a study that is a path": {"details_studies": ["../1.2.3"]},
    "a grant that has ended": {"details_not_after": int(NOW.timestamp())},
    "two details": {"authorization_details": [{}, {}]},
    "no details": {"authorization_details": None},
    "no token id": {"jti": ""},
    "expired": {"exp": int(NOW.timestamp())},
    "made in the future": {"iat": int(NOW.timestamp()) + 120},
    "valid for a year": {"exp": int(NOW.timestamp()) + 31_536_000},
    "another list": {"status": {"status_list": {"idx": 7, "uri": "https://evil.example/status/noord"}}},
    "no list": {"status": {}},
    "an index before the list": {"status": {"status_list": {"idx": -1, "uri": f"{PORTAL}/status/noord"}}},
    "an unknown kind of receiver": {"receiver": {"kind": "friend", "name": "x", "organisation": ""}},
    "an unknown purpose": {"purpose": "RESEARCH"},
    "no subject": {"sub": None},
}


@pytest.mark.parametrize("changed", REFUSED.values(), ids=REFUSED)
def test_a_token_that_is_not_exactly_right_is_refused(portal, trust, changed):
    with pytest.raises(Refused) as refused:
        trust.admit(portal.token(GATEWAY, [HEAD_CT], now=NOW, **changed), NOW)
    assert (refused.value.reason, dict(refused.value.detail)) == ("invalid_token", {})


def test_an_issuer_that_nobody_trusts_is_refused(portal, trust):
    stranger = Portal(portal.folder, portal.keys, "https://portal.evil.example")
    with pytest.raises(Refused, match="invalid_token"):
        trust.admit(stranger.token(GATEWAY, [HEAD_CT], now=NOW), NOW)


def test_another_key_under_the_same_name_is_refused(portal, trust):
    forger = Portal(portal.folder, KeySet([new_key("portal-1")]), PORTAL)
    with pytest.raises(Refused, match="invalid_token"):
        trust.admit(forger.token(GATEWAY, [HEAD_CT], now=NOW), NOW)


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "Ed25519"])
def test_an_unsigned_token_is_refused(portal, trust, algorithm):
    with pytest.raises(Refused, match="invalid_token"):
        trust.admit(unsigned(portal.token(GATEWAY, [HEAD_CT], now=NOW), algorithm), NOW)


@pytest.mark.parametrize("token", ["", "a", "a.b.c", "." * 2, "\x00", "e30.e30.e30", "é"])
def test_what_is_no_token_is_refused(trust, token):
    with pytest.raises(Refused, match="invalid_token"):
        trust.admit(token, NOW)


def test_another_message_of_the_same_issuer_is_refused(portal, trust):
    claims = {"iss": PORTAL, "aud": GATEWAY, "iat": int(NOW.timestamp()), "exp": int(NOW.timestamp()) + 60}
    with pytest.raises(Refused, match="invalid_token"):
        trust.admit(sign(claims, typ="question+jwt", key=portal.keys), NOW)


def test_a_basis_that_this_hospital_does_not_take_from_this_issuer_is_refused(portal):
    narrow = settings(portal.folder, portal, 8100)
    (issuer,) = narrow.issuers
    only_share = narrow.model_copy(update={"issuers": (issuer.model_copy(update={"bases": frozenset({"share"})}),)})
    token = portal.token(GATEWAY, [HEAD_CT], now=NOW, details_basis="own")
    assert Trust(narrow).admit(token, NOW).grant.basis == "own"
    with pytest.raises(Refused, match="invalid_token"):
        Trust(only_share).admit(token, NOW)


def test_what_the_patient_confirmed_is_optional(portal, trust):
    said = portal.token(GATEWAY, [HEAD_CT], now=NOW, details_confirmed={"generation": 3})
    assert trust.admit(said, NOW).confirmed == 3
    assert trust.admit(portal.token(GATEWAY, [HEAD_CT], now=NOW), NOW).confirmed is None
