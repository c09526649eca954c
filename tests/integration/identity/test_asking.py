"""What the portal sends to a provider: an authorization request, pushed or carried, and a proof of who is asking."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64decode
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from joserfc import jwt
from tests.lying_provider import CLIENT_ID, Visit

from beeldpas.domain.errors import Unavailable
from beeldpas.portal.identity.provider import Unfit


def carried(url: str) -> dict[str, str]:
    """What stands in an address that the browser is sent to."""
    return dict(parse_qsl(urlsplit(url).query))


def push(visit: Visit, **discovery: Any) -> None:
    """Let the provider take pushed requests."""
    visit.liar.discovery = {"pushed_authorization_request_endpoint": f"{visit.liar.issuer}/par", **discovery}


async def test_a_request_that_cannot_be_pushed_is_carried_by_the_browser_without_the_verifier(visit: Visit) -> None:
    begun = await visit.go(300)
    asked = carried(begun.url)
    assert asked["code_challenge_method"] == "S256"
    assert (asked["scope"], asked["response_type"], asked["ui_locales"]) == ("openid", "code", "nl")
    assert (asked["max_age"], asked["redirect_uri"]) == ("300", "http://portal.localhost/callback/digid")
    assert begun.verifier not in begun.url
    await visit.party.close()


async def test_a_level_is_asked_for_where_the_settings_say_so(visit: Visit) -> None:
    visit.agree(acr_values=("http://eidas.europa.eu/LoA/substantial", "http://eidas.europa.eu/LoA/high"))
    asked = carried((await visit.go()).url)
    assert asked["acr_values"] == "http://eidas.europa.eu/LoA/substantial http://eidas.europa.eu/LoA/high"
    await visit.party.close()


async def test_state_nonce_and_verifier_are_random_and_of_one_sign_in(visit: Visit) -> None:
    begun = [await visit.go() for _ in range(20)]
    for values in (
        [one.state for one in begun],
        [one.nonce for one in begun],
        [one.verifier for one in begun],
    ):
        assert len(set(values)) == 20
        assert min(len(urlsafe_b64decode(value + "==")) for value in values) >= 32
    await visit.party.close()


async def test_a_pushed_request_leaves_a_reference_for_the_browser_and_proves_who_asks(visit: Visit) -> None:
    push(visit)
    begun = await visit.go(60)
    (form,) = visit.liar.forms
    assert carried(begun.url) == {"client_id": CLIENT_ID, "request_uri": "urn:example:1"}
    assert (form["state"], form["nonce"], form["max_age"]) == (begun.state, begun.nonce, "60")
    assert form["client_id"] == CLIENT_ID
    assert proof(visit, form)["aud"] == f"{visit.liar.issuer}/token"
    await visit.party.close()


@pytest.mark.parametrize("status", [400, 401, 500])
async def test_a_request_that_the_provider_does_not_take_sends_nobody_anywhere(visit: Visit, status: int) -> None:
    push(visit)
    visit.liar.pushed_status = status
    with pytest.raises(Unavailable):
        await visit.sign_in()


@pytest.mark.parametrize(
    ("discovery", "settings"),
    [({}, {"pushed_requests": "always"}), ({"require_pushed_authorization_requests": True}, {})],
    ids=["agreed-and-absent", "required-and-absent"],
)
async def test_where_requests_must_be_pushed_none_is_carried(
    visit: Visit, discovery: dict[str, Any], settings: dict[str, Any]
) -> None:
    visit.liar.discovery = discovery
    visit.agree(**settings)
    with pytest.raises(Unfit):
        await visit.sign_in()


@pytest.mark.parametrize("algorithm", ["PS256", "RS256"])
@pytest.mark.parametrize("audience", ["token_endpoint", "issuer"])
async def test_every_proof_of_the_client_is_new_short_and_for_this_provider_alone(
    visit: Visit, audience: str, algorithm: str
) -> None:
    push(visit)
    visit.agree(assertion_audience=audience, assertion_algorithm=algorithm)
    await visit.evidence()
    proofs = [proof(visit, form) for form in visit.liar.forms]
    wanted = visit.liar.issuer if audience == "issuer" else f"{visit.liar.issuer}/token"
    assert len(proofs) == 2  # at PAR, and for the code
    assert len({one["jti"] for one in proofs}) == 2
    for one, form in zip(proofs, visit.liar.forms, strict=True):
        assert (one["iss"], one["sub"], one["aud"]) == (CLIENT_ID, CLIENT_ID, wanted)
        assert one["exp"] - one["iat"] <= 60
        assert abs(one["iat"] - time.time()) < 30
        header = json.loads(urlsafe_b64decode(form["client_assertion"].partition(".")[0] + "=="))
        assert (header["alg"], header["kid"]) == (algorithm, "client-1")


def proof(visit: Visit, form: dict[str, str]) -> dict[str, Any]:
    """The claims of the client's proof, whose signature is right."""
    assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    return dict(jwt.decode(form["client_assertion"], visit.public_key, algorithms=["PS256", "RS256"]).claims)


async def test_nobody_who_leaves_is_sent_to_a_provider_that_does_not_answer(visit: Visit) -> None:
    visit.liar.discovery = {"end_session_endpoint": f"{visit.liar.issuer}/end"}
    assert (await visit.party.way_out("nl", "patient.nl")).startswith(f"{visit.liar.issuer}/end?client_id=")
    visit.liar.says_instead = (503, "busy")
    assert await visit.party.way_out("nl", "patient.nl") == ""
    await visit.party.close()


async def test_nobody_is_led_out_at_a_provider_where_the_settings_say_no(visit: Visit) -> None:
    visit.liar.discovery = {"end_session_endpoint": f"{visit.liar.issuer}/end"}
    visit.agree(sign_out_there=False)
    assert await visit.party.way_out("nl", "patient.nl") == ""
    await visit.party.close()
