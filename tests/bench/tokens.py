"""How many tokens and redeemed shares a second one portal process gives, beside the least that could be done.

The least is Starlette with one INSERT on the same PostgreSQL, served the same way; for redeeming, one INSERT and the
hash of one PIN. The portal does everything: the client's signed proof (once, by its `jti`), the limit, the one-time
code, the grant, the policies, the token's signature, and the row of the access log. Both servers stand all the time
and are asked in turns; what counts is the ratio of each turn.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from tests import postgres
from tests.bench.figures import Figure
from tests.bench.side_by_side import rate, request, served
from tests.portal_doors import portal_settings
from tests.sharing_town import MIGRATIONS, PORTAL, Town

from beeldpas.database.engine import migrate, open_engine, transaction
from beeldpas.domain.codes import PIN
from beeldpas.formats.assertion import CLIENT_ASSERTION_TYPE, sign_assertion
from beeldpas.portal import pin
from beeldpas.portal.app import build_app
from beeldpas.portal.settings import PortalLimits
from beeldpas.portal.store import authorization_codes
from beeldpas.web.logging import configure

TURNS, TOKENS_A_TURN = 12, 150
REDEEM_TURNS, REDEEMED_A_TURN, SHARES = 5, 12, 12
_NOORD = "https://noord.example"
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A portal's town, and the requests that it will get."""

    town: Town
    tokens: list[bytes]
    redeems: list[bytes]
    stored_pin: tuple[str, str, PIN]


def token_per_s(folder: Path) -> list[Figure]:
    """Measure both."""
    folder.mkdir(parents=True, exist_ok=True)
    cluster = postgres.Cluster.start()
    try:
        return _measure(folder, cluster.create("tokens"))
    finally:
        cluster.stop()


def _measure(folder: Path, url: str) -> list[Figure]:
    migrate(url, MIGRATIONS)
    prepared = asyncio.run(_prepare(folder, url))
    hash_ms = [_hash_ms(prepared) for _ in range(10)]
    with served(lambda: _least(url, prepared)) as least, served(lambda: _portal(url, prepared)) as portal:
        insert, hashing = request("POST", "/insert"), request("POST", "/hash")
        rate(least, [insert] * 50, 200)
        rate(portal, _taken(prepared.tokens, 50), 200)
        tokens = _turns(
            TURNS,
            lambda: rate(least, [insert] * 3 * TOKENS_A_TURN, 200),
            lambda: rate(portal, _taken(prepared.tokens, TOKENS_A_TURN), 200),
        )
        redeems = _turns(
            REDEEM_TURNS,
            lambda: rate(least, [hashing] * REDEEMED_A_TURN, 200, 4),
            lambda: rate(portal, _taken(prepared.redeems, REDEEMED_A_TURN), 303, 4),
        )
    return [
        Figure("token_per_s", "1/s", [own for _, own in tokens]),
        Figure("token_baseline_per_s", "1/s", [least for least, _ in tokens]),
        Figure("token_vs_baseline", "ratio", [own / least for least, own in tokens]),
        Figure("redeem_per_s", "1/s", [own for _, own in redeems]),
        Figure("redeem_baseline_with_hash_per_s", "1/s", [least for least, _ in redeems]),
        Figure("redeem_vs_baseline_with_hash", "ratio", [own / least for least, own in redeems]),
        Figure("pin_hash_ms", "ms", hash_ms),
    ]


def _turns(count: int, least: Callable[[], float], portal: Callable[[], float]) -> list[tuple[float, float]]:
    return [(least(), portal()) for _ in range(count)]


def _taken(requests: list[bytes], count: int) -> Sequence[bytes]:
    taken, requests[:] = requests[:count], requests[count:]
    return taken


async def _prepare(folder: Path, url: str) -> Prepared:
    engine = open_engine(url)
    town = Town.build(engine)
    await _make_table(engine)
    anna = await town.patient()
    made = [await town.share(replace(anna, subject=f"patient-{number}")) for number in range(SHARES)]
    opened = [await town.redeem(town.provider(), one) for one in made]
    handles = [
        part.grant_handle for one in opened for part in one.share.hospitals if part.hospital.gateway_id == "noord"
    ]
    tokens = [await _token_request(town, handles[n % SHARES]) for n in range(TURNS * TOKENS_A_TURN + 50)]
    redeems = [_redeem_request(made[n % SHARES]) for n in range(REDEEM_TURNS * REDEEMED_A_TURN)]
    stored = await pin.hash_pin(town.house.secrets, "share", made[0].pin)
    limits = PortalLimits(tokens=10**9, code_tries=10**9, code_tries_of_all=10**9)
    town.house = replace(town.house, settings=portal_settings(folder).model_copy(update={"limits": limits}))
    await engine.dispose()
    return Prepared(town, tokens, redeems, (stored, "share", made[0].pin))


async def _make_table(engine: Any) -> None:
    async with transaction(engine) as connection:
        await connection.execute(text("CREATE TABLE least (id bigserial PRIMARY KEY, at timestamptz, what text)"))


async def _token_request(town: Town, handle: str) -> bytes:
    now = town.clock.now
    async with transaction(town.house.engine) as connection:
        code = await authorization_codes.issue(connection, handle, "noord", "nl", now)
    proof = sign_assertion(client_id=_NOORD, audience=PORTAL, now=now, key=town.gateway_keys["noord"])
    form = {
        "grant_type": "authorization_code",
        "code": code.reveal(),
        "redirect_uri": f"{_NOORD}/download",
        "client_id": _NOORD,
        "client_assertion_type": CLIENT_ASSERTION_TYPE,
        "client_assertion": proof.reveal(),
    }
    return request("POST", "/token", urlencode(form).encode(), content_type=_FORM)


def _redeem_request(made: Any) -> bytes:
    who = {"name": "Dr. D. Dekker", "organisation": "Kliniek De Linde", "function": "", "link": ""}
    form = {"code": made.code.reveal(), "pin": made.pin.reveal(), **who}
    return request("POST", "/s", urlencode(form).encode(), content_type=_FORM, sec_fetch_site="same-origin")


def _portal(url: str, prepared: Prepared) -> Any:
    sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115  (lines are made, as in a service; nobody reads them)
    configure("portal")
    return build_app(replace(prepared.town.house, engine=open_engine(url)))


def _least(url: str, prepared: Prepared) -> Starlette:
    engine, row = open_engine(url), text("INSERT INTO least (at, what) VALUES (now(), 'one row')")
    stored, share_id, secret = prepared.stored_pin

    async def insert(_request: Request) -> Response:
        async with transaction(engine) as connection:
            await connection.execute(row)
        return JSONResponse({"done": True})

    async def insert_and_hash(_request: Request) -> Response:
        async with transaction(engine) as connection:
            await connection.execute(row)
        return JSONResponse({"done": await pin.is_pin(prepared.town.house.secrets, stored, share_id, secret)})

    return Starlette(
        routes=[Route("/insert", insert, methods=["POST"]), Route("/hash", insert_and_hash, methods=["POST"])]
    )


def _hash_ms(prepared: Prepared) -> float:
    stored, share_id, secret = prepared.stored_pin
    begun = perf_counter()
    asyncio.run(pin.is_pin(prepared.town.house.secrets, stored, share_id, secret))
    return (perf_counter() - begun) * 1000
