"""A provider that lies, one lie at a time: whatever is not right about its answers, nobody gets in."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.lying_provider import CLIENT_ID, OTHER_KEY, Claims, Visit, by_public_key, signed, unsigned

from beeldpas.domain.errors import BeeldpasError, Refused, Unavailable


async def test_the_honest_provider_is_believed(visit: Visit) -> None:
    assert (await visit.sign_in())["bsn"] == "999990019"


def moment(value: object) -> object:
    """Return what is so long from now as seconds of the clock, and anything else as it is."""
    return int(time.time() + value.total_seconds()) if isinstance(value, timedelta) else value


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
        {"exp": timedelta(seconds=-120)},
        {"exp": None},
        {"exp": "tomorrow"},
        {"iat": timedelta(hours=1)},
        {"iat": None},
        {"sub": "somebody-else"},
        {"sub": None},
        {"sub": 7},
    ],
    ids=str,
)
async def test_an_id_token_that_is_not_right_lets_nobody_in(visit: Visit, lie: Claims) -> None:
    visit.liar.id_token = {name: moment(value) for name, value in lie.items()}
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


@pytest.mark.parametrize("since", [None, "now", True, 1.5, timedelta(hours=1)], ids=str)
async def test_a_provider_that_does_not_tell_when_somebody_signed_in_is_not_believed_where_that_is_asked(
    visit: Visit, since: object
) -> None:
    visit.liar.id_token = {"auth_time": moment(since)}
    with pytest.raises(Refused, match="login_identity_problem"):
        await visit.sign_in(max_age=300)


@pytest.mark.parametrize(("ago", "max_age"), [(None, None), (400, None), (0, 300), (299, 300)])
async def test_when_somebody_signed_in_is_part_of_the_evidence_where_the_provider_tells(
    visit: Visit, ago: int | None, max_age: int | None
) -> None:
    since = None if ago is None else int(time.time()) - ago
    visit.liar.id_token = {"auth_time": since}
    assert (await visit.evidence(max_age)).auth_time == since


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


async def test_a_provider_that_is_down_is_said_to_be_down(visit: Visit) -> None:
    visit.agree(issuer="http://digid.localhost:9")
    with pytest.raises(Unavailable):
        await visit.sign_in()
