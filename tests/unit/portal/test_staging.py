"""Telling the hospitals what was shared: until they know it, and as long as it lasts; none holds up another."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc.jwk import KeySet
from sqlalchemy import delete
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tests.cast import ANNA
from tests.running import running
from tests.sharing_town import CHEST_CR, HEAD_CT, PORTAL, Town

from beeldpas.database.engine import transaction
from beeldpas.formats.jose import sign
from beeldpas.formats.question import read_question
from beeldpas.portal import staging as teller
from beeldpas.portal.actions.extend_share import extend_share
from beeldpas.portal.actions.open_own import open_own
from beeldpas.portal.actions.revoke_share import revoke_share
from beeldpas.portal.actions.sign_out import sign_out
from beeldpas.portal.actions.view_share import view_share
from beeldpas.portal.actions.view_shares import one
from beeldpas.portal.directory import Directory
from beeldpas.portal.house import House
from beeldpas.portal.registries.preview import Gateways
from beeldpas.portal.registries.question import Signer
from beeldpas.portal.store import staging
from beeldpas.portal.store.staging import HowFar
from beeldpas.web.outbound import open_client


@dataclass
class Noord:
    """Ziekenhuis Noord's staging door: what it was told, and what it says."""

    town: Town
    key: KeySet
    house: House
    address: str = ""
    said: dict[str, Any] = field(default_factory=lambda: {"state": "queued", "instances": 12, "fetched": 0})
    told: list[dict[str, Any]] = field(default_factory=list)
    is_down: bool = False

    async def stage(self, request: Request) -> Response:
        """Check the question as the gateway does, and answer."""
        if self.is_down:
            return Response(status_code=503)
        token = request.headers["authorization"].removeprefix("Bearer ")
        keys = {PORTAL: self.town.house.keys}
        read_question(token, askers=keys, audience=self.address, now=self.town.clock.now)
        body = await request.json()
        self.told.append(body)
        now = int(self.town.clock.now.timestamp())
        claims = {"iss": self.address, "aud": PORTAL, "iat": now, "exp": now + 300}
        claims["studies"] = [{"uid": uid, **self.said} for uid in body["studies"]]
        return Response(sign(claims, typ="staging+jwt", key=self.key), 202, media_type="application/jwt")

    def until(self) -> datetime:
        """Until when the last word asked to keep it."""
        return datetime.fromtimestamp(self.told[-1]["until"], UTC)


@pytest.fixture
async def noord(town: Town) -> AsyncIterator[Noord]:
    async with transaction(town.house.engine) as connection:
        await connection.execute(delete(staging.table))
    found = Noord(town, town.gateway_keys["noord"], town.house)
    with running(Starlette(routes=[Route("/stage", found.stage, methods=["POST"])])) as port:
        found.address = f"http://127.0.0.1:{port}"
        addresses = {"noord": found.address, "west": "http://127.0.0.1:9", "zuid": "http://127.0.0.1:9"}
        hospitals = tuple(replace(one, base_url=addresses[one.gateway_id]) for one in town.house.directory.hospitals)
        async with open_client(hosts=addresses.values()) as client:
            signer = Signer(PORTAL, town.house.keys, town.clock)
            gateways = Gateways(Directory(hospitals), town.gateway_keys, client, signer, town.clock)
            found.house = replace(town.house, gateways=gateways)
            yield found


async def tell(noord: Noord, **later: float) -> int:
    noord.town.clock.pass_by(**later)
    return await teller.tell_due(noord.house)


async def test_a_hospital_is_told_and_asked_until_it_has_everything(town: Town, noord: Noord) -> None:
    anna, dekker = await town.patient(), town.provider()
    made = await town.share(anna)
    assert await tell(noord) == 1, "west is down, and holds nobody up"
    assert (noord.told[0]["studies"], len(noord.told[0]["hold"])) == ([HEAD_CT], 32)
    assert ANNA.bsn.reveal() not in str(noord.told)
    await town.redeem(dekker, made)
    noord.said |= {"state": "fetching", "fetched": 5}
    await tell(noord, seconds=3)
    assert (await one(town.house, anna, made.share_id)).late == {"noord": HowFar("fetching", 5, 12)}
    noord.said |= {"state": "held", "fetched": 12}
    await tell(noord, seconds=3)
    assert (await one(town.house, anna, made.share_id)).late == {}
    heard = len(noord.told)
    await tell(noord, hours=1)
    assert len(noord.told) == heard, "who has it all is left alone"
    assert {hold["hold"] for hold in noord.told} == {noord.told[0]["hold"]}
    assert (await view_share(town.house, dekker, made.share_id)).hospitals[0].how_far is None


async def test_a_hospital_that_is_down_is_told_when_it_is_back(town: Town, noord: Noord) -> None:
    await town.share(await town.patient())
    noord.is_down = True
    assert [await tell(noord, seconds=pause) for pause in (0, 1, 1, 2)] == [0, 0, 0, 0]
    noord.is_down = False
    assert await tell(noord, minutes=5) == 1


async def test_a_share_that_is_stopped_lets_go_and_one_that_lasts_longer_is_kept_longer(
    town: Town, noord: Noord
) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    noord.said |= {"state": "held"}
    await tell(noord)
    first = noord.until()
    ends_at = await extend_share(town.house, anna, made.share_id, 7)
    await tell(noord)
    assert (noord.until() > first, noord.until()) == (True, ends_at.replace(microsecond=0))
    await revoke_share(town.house, anna, share_id=made.share_id, why="")
    await tell(noord)
    assert noord.until() <= town.clock.now


async def test_own_images_are_kept_ready_for_the_visit(town: Town, noord: Noord) -> None:
    anna = await town.patient()
    await open_own(town.house, anna, ANNA.bsn, CHEST_CR, "noord")
    await tell(noord)
    assert (noord.told[-1]["studies"], noord.until() > town.clock.now) == ([CHEST_CR], True)
    await sign_out(town.house, anna)
    await tell(noord)
    assert noord.until() <= town.clock.now


async def test_what_another_key_signed_is_not_believed(town: Town, noord: Noord) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    noord.key = town.gateway_keys["west"]
    assert await tell(noord) == 0
    assert (await one(town.house, anna, made.share_id)).late == {}


async def test_no_bsn_is_kept_with_it(town: Town, noord: Noord) -> None:
    await town.share(await town.patient())
    assert ANNA.bsn.reveal() not in str(await town.rows(staging.table))
