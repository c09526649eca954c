"""A hundred registries and twenty hospitals for one patient: a few processes answer for them, each at its own pace.

Every registry has twenty studies, of two series each and every second with a report, all at one hospital; so each
hospital is named by five registries. Hospitals answer at once and sign what they say, as a gateway does.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from joserfc.jwk import KeySet
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tests.bench.country import a_study
from tests.cast import ANNA, NOW
from tests.sharing_town import PORTAL

from beeldpas.formats.fhir.publication import PublishingHospital, endpoint_resource, report_resource, study_resource
from beeldpas.formats.fhir.text import Resource
from beeldpas.formats.hospitals import Hospital
from beeldpas.formats.jose import new_key, sign

REGISTRIES, HOSPITALS, STUDIES = 100, 20, 20
FASTEST_MS, SLOWEST_MS = 20, 200
HANGING = "hangs"
_UID = "1.2.826.0.1.3680043.8.498.4"


@dataclass(frozen=True, slots=True)
class Sources:
    """Who answers: `keys` of each hospital, by its id."""

    keys: dict[str, KeySet]

    @classmethod
    def new(cls) -> Sources:
        """Give every hospital a key."""
        return cls({f"h{n}": KeySet([new_key(f"h{n}-1")]) for n in range(HOSPITALS)})

    def app(self, port_of: Callable[[str], int]) -> Starlette:
        """Return what answers for any of them, by the name of the host that is asked."""

        @cache
        def answer_of(registry: int) -> bytes:
            return _searchset(registry, hospital_at(f"h{registry % HOSPITALS}", port_of))

        async def search(request: Request) -> Response:
            name = request.url.hostname or ""
            if name.startswith(HANGING):
                await asyncio.sleep(3600)
            number = int(name.partition(".")[0][1:])
            answer_of(number)
            await asyncio.sleep(delay_ms(number) / 1000)
            return Response(answer_of(number), media_type="application/fhir+json")

        async def preview(request: Request) -> Response:
            name = (request.url.hostname or "").partition(".")[0]
            asked = (await request.json())["studies"]
            told = _previewed(f"http://{request.headers['host']}", asked)
            return Response(sign(told, typ="preview+jwt", key=self.keys[name]), media_type="application/jwt")

        return Starlette(
            routes=[
                Route("/fhir/ImagingStudy/_search", search, methods=["POST"]),
                Route("/preview", preview, methods=["POST"]),
            ]
        )


def delay_ms(registry: int) -> float:
    """How long a registry takes; neighbours are not alike."""
    return FASTEST_MS + (SLOWEST_MS - FASTEST_MS) * (registry * 37 % REGISTRIES) / (REGISTRIES - 1)


def address_of(name: str, port: int) -> str:
    """Where a registry or hospital is."""
    return f"http://{name}.localhost:{port}"


def hospital_at(name: str, port_of: Callable[[str], int]) -> Hospital:
    """The directory's entry of a hospital."""
    ura = str(90_000_000 + int(name[1:]))
    return Hospital(name, f"Ziekenhuis {name[1:]}", ura, address_of(name, port_of(name)), Path("no-file"), "088")


def _searchset(registry: int, at: Hospital) -> bytes:
    hospital = PublishingHospital(at.gateway_id, at.name, at.ura, at.base_url)
    found: list[Resource] = [endpoint_resource(hospital)]
    for n in range(STUDIES):
        number = registry * STUDIES + n
        day = date(2006, 1, 1) + timedelta(days=number * 7919 % 7300)
        study = a_study(f"{_UID}.{number}", ANNA.bsn, day, 2)
        found.append({**study_resource(study, hospital), "id": f"s{number}"})
        if n % 2:
            found.append({**report_resource(study.reports[0], study, hospital), "id": f"r{number}"})
    entries = [{"fullUrl": f"{one['resourceType']}/{one['id']}", "resource": one} for one in found]
    return json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": entries}).encode()


def _previewed(address: str, asked: list[str]) -> dict[str, Any]:
    now = int(NOW.timestamp())
    series = [(1, "axial 1"), (2, "axial 2")]
    identity = {"name": "Jansen^Anna", "birth_date": "1952-03-08", "sex": "F"}
    return {
        "iss": address,
        "aud": PORTAL,
        "iat": now,
        "exp": now + 300,
        "generation": 1,
        "missing": [],
        "studies": [
            {
                "uid": uid,
                "instances": 240,
                "size_bytes": 120_000_000,
                "series": [
                    {
                        "uid": f"{uid}.{number}",
                        "number": number,
                        "modality": "CT",
                        "description": words,
                        "instances": 120,
                        "size_bytes": 60_000_000,
                    }
                    for number, words in series
                ],
                "reports": [],
                "identity": identity | {"patient_id": "77", "patient_id_issuer": "ZH"},
            }
            for uid in asked
        ],
    }
