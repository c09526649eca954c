"""The machine's door over HTTP: tokens for gateways that prove themselves, keys, status lists, reported uses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx2
import pytest
from joserfc.jwk import KeySet
from starlette.applications import Starlette
from tests.cast import ANNA
from tests.sharing_town import HEAD_CT, KNEE_MR, PORTAL, Town

from beeldpas.formats import jose
from beeldpas.formats.assertion import CLIENT_ASSERTION_TYPE, sign_assertion
from beeldpas.formats.statuslist import StatusList, TokenStatus
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.open_own import open_own
from beeldpas.portal.actions.revoke_share import revoke_share
from beeldpas.portal.actions.start_download import start_download
from beeldpas.portal.actions.view_log import view_log
from beeldpas.portal.authorization import routes
from beeldpas.portal.store.tables import issued_grant

NOORD, WEST = "https://noord.example", "https://west.example"


@pytest.fixture
async def portal(town: Town) -> AsyncIterator[httpx2.AsyncClient]:
    """The portal's door for machines."""
    app = Starlette(routes=routes())
    app.state.house = town.house
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=PORTAL) as client:
        yield client


async def a_code(town: Town, asker: Asker, handle: str) -> str:
    download = await start_download(town.house, asker, handle, "nl")
    return parse_qs(urlsplit(download.redirect_url).query)["code"][0]


async def redeemed(town: Town) -> tuple[Asker, str, Asker, str]:
    anna, dekker = await town.patient(), town.provider()
    made = await town.share(anna)
    opened = await town.redeem(dekker, made)
    return anna, made.share_id, dekker, opened.share.hospitals[0].grant_handle


def form(town: Town, code: str, **changes: str) -> dict[str, str]:
    proof = sign_assertion(client_id=NOORD, audience=PORTAL, now=town.clock.now, key=town.gateway_keys["noord"])
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": f"{NOORD}/download",
        "client_id": NOORD,
        "client_assertion_type": CLIENT_ASSERTION_TYPE,
        "client_assertion": proof.reveal(),
    }
    return {name: value for name, value in (fields | changes).items() if value}


async def test_a_gateway_that_proves_itself_gets_a_token_for_the_code(town: Town, portal: httpx2.AsyncClient) -> None:
    _, _, dekker, handle = await redeemed(town)
    answer = await portal.post("/token", data=form(town, await a_code(town, dekker, handle)))
    body = answer.json()
    assert (answer.status_code, body["token_type"], body["expires_in"]) == (200, "Bearer", 300)
    assert answer.headers["cache-control"] == "no-store"
    published = KeySet.import_key_set((await portal.get("/jwks.json")).json())
    claims = jose.verify(
        body["access_token"], typ="at+jwt", keys=published, issuer=PORTAL, audience=NOORD, now=town.clock.now
    )
    assert claims["grant"] == handle


async def test_one_time_code_used_twice(town: Town, portal: httpx2.AsyncClient) -> None:
    _, _, dekker, handle = await redeemed(town)
    code = await a_code(town, dekker, handle)
    assert (await portal.post("/token", data=form(town, code))).status_code == 200
    again = await portal.post("/token", data=form(town, code))
    assert (again.status_code, again.json()) == (400, {"error": "invalid_grant"})


async def test_one_time_code_after_sixty_seconds(town: Town, portal: httpx2.AsyncClient) -> None:
    _, _, dekker, handle = await redeemed(town)
    code = await a_code(town, dekker, handle)
    town.clock.pass_by(seconds=60)
    late = await portal.post("/token", data=form(town, code))
    assert (late.status_code, late.json()) == (400, {"error": "invalid_grant"})


async def test_wrong_gateways_assertion(town: Town, portal: httpx2.AsyncClient) -> None:
    _, _, dekker, handle = await redeemed(town)
    code = await a_code(town, dekker, handle)
    west = sign_assertion(client_id=WEST, audience=PORTAL, now=town.clock.now, key=town.gateway_keys["west"]).reveal()
    borrowed = form(town, code, client_id=WEST, client_assertion=west)
    answer = await portal.post("/token", data=borrowed)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_grant"})
    for mixed in (form(town, code, client_assertion=west), form(town, code, client_id=WEST)):
        answer = await portal.post("/token", data=mixed)
        assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})
    assert (await portal.post("/token", data=form(town, code))).status_code == 200


def assertions(town: Town) -> dict[str, str]:
    """Proofs that prove nothing."""
    now, noord = town.clock.now, town.gateway_keys["noord"]
    stranger = KeySet([jose.new_key("noord-1")])
    issued = int(now.timestamp())
    sound = {"iss": NOORD, "sub": NOORD, "aud": PORTAL, "iat": issued, "exp": issued + 60, "jti": uuid4().hex}

    def signed(typ: str = "client-authentication+jwt", **changes: Any) -> str:
        return jose.sign(sound | changes, typ=typ, key=noord)

    none = sign_assertion(client_id=NOORD, audience=PORTAL, now=now, key=noord).reveal().split(".")
    return {
        "none at all": "",
        "no token": "proof",
        "another key": sign_assertion(client_id=NOORD, audience=PORTAL, now=now, key=stranger).reveal(),
        "another audience": signed(aud=WEST),
        "expired": signed(iat=issued - 100, exp=issued - 40),
        "too long": signed(exp=issued + 600),
        "another subject": signed(sub=WEST),
        "another type": signed(typ="at+jwt"),
        "without jti": signed(jti=None),
        "unsigned": f"eyJhbGciOiJub25lIiwidHlwIjoiY2xpZW50LWF1dGhlbnRpY2F0aW9uK2p3dCJ9.{none[1]}.",
        "an unknown client": sign_assertion(
            client_id="https://x.example", audience=PORTAL, now=now, key=noord
        ).reveal(),
    }


async def test_a_forged_proof_is_no_proof(town: Town, portal: httpx2.AsyncClient) -> None:
    _, _, dekker, handle = await redeemed(town)
    code = await a_code(town, dekker, handle)
    for kind, proof in assertions(town).items():
        answer = await portal.post("/token", data=form(town, code, client_assertion=proof))
        assert (kind, answer.status_code, answer.json()) == (kind, 401, {"error": "invalid_client"})
    assert (await portal.post("/token", data=form(town, code))).status_code == 200


async def test_a_proof_counts_once(town: Town, portal: httpx2.AsyncClient) -> None:
    _, _, dekker, handle = await redeemed(town)
    proof = form(town, "")["client_assertion"]
    first = await portal.post("/token", data=form(town, await a_code(town, dekker, handle), client_assertion=proof))
    again = await portal.post("/token", data=form(town, await a_code(town, dekker, handle), client_assertion=proof))
    assert (first.status_code, again.status_code, again.json()) == (200, 401, {"error": "invalid_client"})


async def test_malformed_token_requests_get_oauth_errors(town: Town, portal: httpx2.AsyncClient) -> None:
    twice = [*form(town, "x").items(), ("code", "y")]
    body = "&".join(f"{name}={value}" for name, value in twice)
    typed = {"content-type": "application/x-www-form-urlencoded"}
    for answer, status, error in (
        (await portal.post("/token", data=form(town, "x", grant_type="password")), 400, "unsupported_grant_type"),
        (await portal.post("/token", content=body, headers=typed), 400, "invalid_request"),
        (await portal.post("/token", json={"code": "x"}), 400, "invalid_request"),
        (await portal.post("/token", content=b"\xff" * 100_000, headers=typed), 413, "invalid_request"),
    ):
        assert (answer.status_code, answer.json()) == (status, {"error": error})
    assert (await portal.get("/token")).status_code == 405


async def test_the_server_describes_itself(portal: httpx2.AsyncClient) -> None:
    metadata = (await portal.get("/.well-known/oauth-authorization-server")).json()
    assert (metadata["issuer"], metadata["token_endpoint"]) == (PORTAL, f"{PORTAL}/token")
    assert metadata["jwks_uri"] == f"{PORTAL}/jwks.json"
    assert metadata["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]


async def test_published_keys_have_no_private_half(portal: httpx2.AsyncClient) -> None:
    keys = (await portal.get("/jwks.json")).json()["keys"]
    assert len(keys) == 1
    assert "d" not in keys[0]


async def status_of(town: Town, portal: httpx2.AsyncClient, gateway_id: str) -> tuple[dict[str, Any], StatusList]:
    answer = await portal.get(f"/status/{gateway_id}")
    assert answer.headers["content-type"].startswith("application/statuslist+jwt")
    assert answer.headers["cache-control"] == "no-cache"
    claims = jose.verify(
        answer.text, typ="statuslist+jwt", keys=town.house.keys, issuer=PORTAL, audience=None, now=town.clock.now
    )
    return claims, StatusList.unpack(claims["status_list"]["lst"])


async def test_the_status_list_says_a_revocation_at_once(town: Town, portal: httpx2.AsyncClient) -> None:
    anna, share_id, _, handle = await redeemed(town)
    place = (await town.rows(issued_grant, issued_grant.c.handle == handle))[0].status_index
    before, valid = await status_of(town, portal, "noord")
    await revoke_share(town.house, anna, share_id=share_id, why="")
    after, invalid = await status_of(town, portal, "noord")
    assert (valid[place], invalid[place]) == (TokenStatus.VALID, TokenStatus.INVALID)
    assert (after["sub"], after["exp"] - after["iat"], after["ttl"]) == (f"{PORTAL}/status/noord", 30, 1)
    assert (after["status_list"]["bits"], before["iat"]) == (2, after["iat"])
    assert sum(invalid[index] != TokenStatus.VALID for index in range(len(invalid))) >= 1


async def test_a_share_at_its_end_stays_valid_in_the_list_so_that_downloads_finish(
    town: Town, portal: httpx2.AsyncClient
) -> None:
    _, _, _, handle = await redeemed(town)
    row = (await town.rows(issued_grant, issued_grant.c.handle == handle))[0]
    town.clock.now = row.ends_at + timedelta(hours=1)
    _, statuses = await status_of(town, portal, "noord")
    assert statuses[row.status_index] == TokenStatus.VALID


async def test_the_list_is_signed_anew_every_ten_seconds_and_304_in_between(
    town: Town, portal: httpx2.AsyncClient
) -> None:
    first = await portal.get("/status/zuid")
    town.clock.pass_by(seconds=9)
    known = {"If-None-Match": first.headers["etag"]}
    assert (await portal.get("/status/zuid", headers=known)).status_code == 304
    assert (await portal.get("/status/zuid")).text == first.text
    town.clock.pass_by(seconds=1)
    newer = await portal.get("/status/zuid", headers=known)
    assert newer.status_code == 200
    assert newer.headers["etag"] != first.headers["etag"]


async def test_there_is_no_list_of_an_unknown_hospital(portal: httpx2.AsyncClient) -> None:
    assert (await portal.get("/status/elders")).status_code == 404


def event(town: Town, grant: str, uid: str = HEAD_CT, **changes: Any) -> dict[str, Any]:
    return {
        "event_id": str(uuid4()),
        "grant": grant,
        "kind": "download",
        "phase": "ended",
        "studies": [uid],
        "bytes": 6_000_000,
        "outcome": "completed",
        "at": town.clock.now.isoformat().replace("+00:00", "Z"),
    } | changes


def signed(town: Town, *events: Any, by: str = "noord", key: str | None = None, **changes: Any) -> str:
    issued = int(town.clock.now.timestamp())
    claims = {
        "iss": f"https://{by}.example",
        "aud": PORTAL,
        "iat": issued,
        "exp": issued + 60,
        "jti": uuid4().hex,
        "events": list(events),
    }
    typ = changes.pop("typ", "uses+jwt")
    return jose.sign(claims | changes, typ=typ, key=town.gateway_keys[key or by])


async def report(portal: httpx2.AsyncClient, message: str) -> httpx2.Response:
    return await portal.post("/uses", content=message, headers={"content-type": "application/jose"})


async def test_reported_uses_come_into_the_patients_log(town: Town, portal: httpx2.AsyncClient) -> None:
    anna, _, _, handle = await redeemed(town)
    own = await open_own(town.house, anna, ANNA.bsn, HEAD_CT, "noord")
    download, retrieve = event(town, handle), event(town, own.handle, kind="retrieve")
    message = signed(town, download, retrieve)
    for _ in range(2):
        answer = await report(portal, message)
        assert answer.json() == {"stored": [download["event_id"], retrieve["event_id"]], "refused": []}
    lines = {line.event_id: line for line in await view_log(town.house, anna) if line.source == "noord"}
    assert lines.keys() == {download["event_id"], retrieve["event_id"]}
    assert lines[download["event_id"]].basis == "share"
    assert lines[retrieve["event_id"]].basis == "own"


async def test_what_a_gateway_may_not_report_is_refused_by_its_id(town: Town, portal: httpx2.AsyncClient) -> None:
    _, _, _, handle = await redeemed(town)
    good = event(town, handle)
    wrong = [
        event(town, handle, KNEE_MR),
        event(town, "no-such-grant"),
        event(town, handle, bytes=-1),
        event(town, handle, bytes=1.5),
        event(town, handle, kind="steal"),
        event(town, handle, outcome="fine"),
        event(town, handle, studies=["1.2.840.1."]),
        event(town, handle, at="yesterday"),
        event(town, handle, at="2026-11-24T09:30:00"),
        event(town, handle, at="2015-11-24T09:30:00+00:00"),
        event(town, handle, at="2099-11-24T09:30:00+00:00"),
        event(town, handle, at="0001-01-01T00:00:00+09:00"),
    ]
    answer = (await report(portal, signed(town, good, *wrong))).json()
    assert answer["stored"] == [good["event_id"]]
    assert set(answer["refused"]) == {one["event_id"] for one in wrong}
    theirs = event(town, handle)
    answer = (await report(portal, signed(town, theirs, by="west"))).json()
    assert answer == {"stored": [], "refused": [theirs["event_id"]]}


async def test_a_report_that_is_not_signed_by_its_gateway_is_no_report(
    town: Town, portal: httpx2.AsyncClient
) -> None:
    _, _, _, handle = await redeemed(town)
    one = event(town, handle)
    issued = int(town.clock.now.timestamp())
    for message in (
        signed(town, one, key="west"),
        signed(town, one, aud=NOORD),
        signed(town, one, typ="client-authentication+jwt"),
        signed(town, one, iat=issued - 200, exp=issued - 140),
        signed(town, one, exp=issued + 600),
        signed(town, one, iss="https://elders.example"),
        "no token",
        "é",
    ):
        answer = await report(portal, message)
        assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")


async def test_a_report_without_readable_events_is_malformed(town: Town, portal: httpx2.AsyncClient) -> None:
    _, _, _, handle = await redeemed(town)
    shouting = event(town, handle)
    shouting["event_id"] = shouting["event_id"].upper()
    for message in (
        signed(town),
        signed(town, events="many"),
        signed(town, {"grant": handle}),
        signed(town, "event"),
        signed(town, event(town, handle, event_id="1")),
        signed(town, shouting),
        signed(town, *[event(town, handle)] * 1001),
    ):
        assert (await report(portal, message)).status_code == 400
    plain = await portal.post("/uses", content=signed(town, event(town, handle)))
    assert plain.status_code == 400
    large = await report(portal, "x" * 2_000_000)
    assert large.status_code == 413
