"""Hospitals for tests of the portal: they answer `POST /preview` over real HTTP, truthfully or badly."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from joserfc.jwk import KeySet
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from tests.index_town import PORTAL, Clock

from beeldpas.domain.errors import Refused
from beeldpas.formats.fhir.publication import PublishedStudy
from beeldpas.formats.jose import sign
from beeldpas.formats.question import Asked, read_question

HUGE = b"e" * 9_000_000
BOMB = gzip.compress(bytes(20_000_000), compresslevel=1)
Manner = Callable[["House", Request], Awaitable[Response]]


@dataclass(slots=True)
class House:
    """A hospital: what it holds, how it behaves, and what it was asked."""

    address: str
    keys: KeySet
    portal_keys: KeySet
    clock: Clock
    held: Mapping[str, PublishedStudy] = field(default_factory=dict)
    manner: Manner | None = None
    asked: list[Asked] = field(default_factory=list)

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/preview", self._preview, methods=["POST"])])

    async def _preview(self, request: Request) -> Response:
        return await (self.manner or truthful)(self, request)


async def truthful(house: House, request: Request) -> Response:
    """Check the question, and say what is held of what was asked for."""
    try:
        asked = read_question(
            request.headers["authorization"].removeprefix("Bearer "),
            askers={PORTAL: house.portal_keys},
            audience=house.address,
            now=house.clock(),
        )
    except Refused:
        return Response(status_code=401)
    house.asked.append(asked)
    wanted = (await request.json())["studies"]
    return signed(house, await claims(house, wanted))


async def claims(house: House, wanted: list[str]) -> dict[str, Any]:
    now = int(house.clock().timestamp())
    return {
        "iss": house.address,
        "aud": PORTAL,
        "iat": now,
        "exp": now + 300,
        "generation": 1,
        "studies": [_held(house.held[uid]) for uid in wanted if uid in house.held],
        "missing": [uid for uid in wanted if uid not in house.held],
    }


def signed(house: House, told: dict[str, Any], typ: str = "preview+jwt") -> Response:
    return Response(sign(told, typ=typ, key=house.keys), media_type="application/jwt")


def _held(study: PublishedStudy) -> dict[str, Any]:
    instances = sum(one.instances for one in study.series)
    return {
        "uid": study.study_uid,
        "instances": instances,
        "size_bytes": instances * 1000,
        "series": [
            {
                "uid": one.uid,
                "number": one.number,
                "modality": one.modality,
                "description": one.description,
                "instances": one.instances,
                "size_bytes": one.instances * 1000,
            }
            for one in study.series
        ],
        "reports": [
            {"kind": "pdf", "title": "Verslag CT", "sop_uid": one.sop_uid, "size_bytes": 4000}
            for one in study.reports
        ],
        "identity": {"name": "Jansen^Anna", "birth_date": "1952-03-08", "sex": "F"}
        | {"patient_id": "77", "patient_id_issuer": "ZH"},
    }


async def hanging(house: House, request: Request) -> Response:
    await asyncio.sleep(3600)
    return Response()


async def trickling(house: House, request: Request) -> Response:
    """Sends a byte now and then, so that no single wait is long."""

    async def drops() -> Any:
        while True:
            yield b"e"
            await asyncio.sleep(0.05)

    return StreamingResponse(drops(), media_type="application/jwt")


async def in_html(house: House, request: Request) -> Response:
    return HTMLResponse("<h1>Welcome to nginx!</h1>")


async def broken(house: House, request: Request) -> Response:
    return Response(status_code=500)


async def huge(house: House, request: Request) -> Response:
    return Response(HUGE, media_type="application/jwt")


async def bomb(house: House, request: Request) -> Response:
    return Response(BOMB, headers={"Content-Encoding": "gzip"})


async def elsewhere(house: House, request: Request) -> Response:
    return RedirectResponse("http://169.254.169.254/latest/meta-data", 307)


async def of_somebody_else(house: House, request: Request) -> Response:
    """Signed with the portal's own key instead of the hospital's."""
    told = await claims(house, (await request.json())["studies"])
    return Response(sign(told, typ="preview+jwt", key=house.portal_keys), media_type="application/jwt")


async def for_another(house: House, request: Request) -> Response:
    return signed(house, await claims(house, (await request.json())["studies"]) | {"aud": "http://other.localhost"})


async def too_old(house: House, request: Request) -> Response:
    told = await claims(house, (await request.json())["studies"])
    return signed(house, told | {"iat": told["iat"] - 900, "exp": told["exp"] - 900})


async def of_another_kind(house: House, request: Request) -> Response:
    return signed(house, await claims(house, (await request.json())["studies"]), "question+jwt")


async def with_nonsense(house: House, request: Request) -> Response:
    told = await claims(house, (await request.json())["studies"])
    return signed(house, told | {"studies": [{"uid": one, "instances": "many"} for one in house.held]})
