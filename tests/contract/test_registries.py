"""Every kind of registry, against a server of its own protocol that answers well, late, or with rubbish.

A new kind of registry is one more entry of KINDS.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import KeySet
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from tests.cast import ANNA, BRAM, NOORD, NOW, WEST
from tests.index_town import OWN, PORTAL, a_study
from tests.running import running

from beeldpas.domain.errors import Unavailable
from beeldpas.domain.study import Accession
from beeldpas.formats.fhir.bundles import searchset
from beeldpas.formats.fhir.publication import (
    PublishedStudy,
    PublishingHospital,
    endpoint_resource,
    report_resource,
    study_resource,
)
from beeldpas.formats.hospitals import Hospital
from beeldpas.formats.jose import new_key
from beeldpas.portal.directory import Directory
from beeldpas.portal.registries.fhir import FhirRegistry
from beeldpas.portal.registries.port import Registry
from beeldpas.portal.registries.question import Signer
from beeldpas.web.outbound import open_client

Answer = Callable[[Request], Awaitable[Response]]
DIRECTORY = Directory(
    tuple(
        Hospital(
            one.gateway_id, one.name, one.ura, f"https://{one.gateway_id}.example:8443", Path("keys"), "0800 0100"
        )
        for one in (NOORD, WEST)
    )
)


@dataclass(slots=True)
class Stub:
    """A registry's server; `answer` is what it does next, `requests` what it was sent."""

    answer: Answer
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    async def respond(self, request: Request) -> Response:
        body = await request.body()
        self.requests.append((str(request.url), dict(request.headers), body))
        return await self.answer(request)


async def _silent(_request: Request) -> Response:
    return Response(status_code=404)


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Stub, str]]:
    stub = Stub(_silent)
    routes = [Route("/{path:path}", stub.respond, methods=["GET", "POST"])]
    with running(Starlette(routes=routes)) as port:
        yield stub, f"http://registry.localhost:{port}"


def fhir_registry(base_url: str, deadline: float) -> tuple[Registry, Any]:
    client = open_client(hosts=[base_url], deadline=deadline, max_bytes=1_000_000)
    signer = Signer(PORTAL, KeySet([new_key("portal-1")]), lambda: NOW)
    return FhirRegistry("register", base_url, client, signer, DIRECTORY), client


def fhir_answer(*entries: dict[str, Any]) -> Answer:
    """The server's answer with these resources; studies match, the rest is included."""
    matches = [one for one in entries if one.get("resourceType") == "ImagingStudy"]
    rest = [one for one in entries if one.get("resourceType") != "ImagingStudy"]

    async def answer(_request: Request) -> Response:
        return Response(json.dumps(searchset("http://registry.example/fhir", matches, rest)))

    return answer


KINDS = {"fhir": (fhir_registry, fhir_answer)}


@pytest.fixture(params=KINDS)
async def kind(request: pytest.FixtureRequest, served: tuple[Stub, str]) -> AsyncIterator[tuple[Registry, Stub]]:
    stub, base_url = served
    registry, client = KINDS[request.param][0](base_url, 1.0)
    stub.requests.clear()
    async with client:
        yield registry, stub


def place(gateway_id: str = "noord", **changes: str) -> PublishingHospital:
    one = {NOORD.gateway_id: NOORD, WEST.gateway_id: WEST}[gateway_id]
    facts = {"name": one.name, "ura": one.ura, "base_url": f"https://{gateway_id}.example:8443"}
    return PublishingHospital(gateway_id, **{**facts, **changes})


def entries(study: PublishedStudy, hospital: PublishingHospital) -> list[dict[str, Any]]:
    own = study_resource(study, hospital) | {"id": f"{hospital.gateway_id}-{study.study_uid}"}
    reports = [report_resource(one, study, hospital) | {"id": f"r-{one.sop_uid}"} for one in study.reports]
    return [own, *reports, endpoint_resource(hospital)]


# What it finds


async def test_a_study_comes_with_everything_that_a_page_shows(kind: tuple[Registry, Stub]) -> None:
    registry, stub = kind
    study = a_study(ANNA.bsn)
    stub.answer = fhir_answer(*entries(study, place()))
    answer = await registry.search(ANNA.bsn, OWN)
    (found,) = answer.studies
    assert (answer.unreadable, answer.strangers, answer.complete) == (0, (), True)
    assert (found.uid, found.started, found.modalities) == (study.study_uid, date(2024, 3, 1), ("CT",))
    assert (found.description, found.accessions, found.body_part) == ("CT thorax", (Accession("A-1"),), "CHEST")
    assert [(one.gateway_id, one.hospital, one.custodian) for one in found.holdings] == [
        (NOORD.gateway_id, NOORD.name, NOORD.ura)
    ]
    assert found.origin.origin and not found.origin.confirmed
    assert [report.issued for report in found.reports] == [date(2024, 3, 2)]


async def test_the_person_stands_in_the_body_only(kind: tuple[Registry, Stub]) -> None:
    registry, stub = kind
    stub.answer = fhir_answer()
    await registry.search(ANNA.bsn, OWN)
    ((url, headers, body),) = stub.requests
    bsn = ANNA.bsn.reveal()
    assert bsn not in url and bsn not in str(headers)
    assert bsn in body.decode()


async def test_nothing_registered_is_an_answer(kind: tuple[Registry, Stub]) -> None:
    registry, stub = kind
    stub.answer = fhir_answer()
    assert (await registry.search(ANNA.bsn, OWN)).studies == ()


# What it does not believe


async def test_studies_of_another_person_are_left_out_and_counted(kind: tuple[Registry, Stub]) -> None:
    registry, stub = kind
    own, other = a_study(ANNA.bsn), a_study(BRAM.bsn)
    stub.answer = fhir_answer(*entries(own, place()), *entries(other, place("west")))
    answer = await registry.search(ANNA.bsn, OWN)
    assert [study.uid for study in answer.studies] == [own.study_uid]
    assert answer.unreadable == len(entries(other, place("west"))) - 1


async def test_what_cannot_be_read_is_counted_and_the_rest_is_kept(kind: tuple[Registry, Stub]) -> None:
    registry, stub = kind
    good = a_study(ANNA.bsn)
    bad_uid = study_resource(a_study(ANNA.bsn), place()) | {"id": "bad"}
    bad_uid["identifier"] = [{"system": "urn:dicom:uid", "value": "urn:oid:not.a.uid"}]
    too_long = study_resource(a_study(ANNA.bsn), place()) | {"id": "long"}
    too_long["identifier"] = [{"system": "urn:dicom:uid", "value": "urn:oid:1." + "2" * 63}]
    stub.answer = fhir_answer(*entries(good, place()), bad_uid, too_long)
    answer = await registry.search(ANNA.bsn, OWN)
    assert ([study.uid for study in answer.studies], answer.unreadable) == ([good.study_uid], 2)


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://notspecified",
        "https://noord.example:8443@evil.example/dicom-web",
        "https://user:secret@noord.example:8443/dicom-web",
        "https://noord.example:22/dicom-web",
        "https://noord.example/dicom-web",
        "http://noord.example:8443/dicom-web",
        "https://noord.example.evil.example:8443/dicom-web",
        "https://noord.example:8443.evil.example/dicom-web",
        "https://noord.example:8443\\@evil.example/dicom-web",
        "https://noord.example:8443/../../etc/passwd",
        "https://west.example:8443/dicom-web",
        "https://[::1]:8443/dicom-web",
        "https://noord.example:port/dicom-web",
        "file:///etc/passwd",
        "//noord.example:8443/dicom-web",
        "",
    ],
)
async def test_an_address_that_is_not_the_directorys_is_never_used(kind: tuple[Registry, Stub], address: str) -> None:
    registry, stub = kind
    study, endpoint = a_study(ANNA.bsn), endpoint_resource(place()) | {"address": address}
    own, *_ = entries(study, place())
    stub.answer = fhir_answer(own, endpoint)
    answer = await registry.search(ANNA.bsn, OWN)
    assert answer.studies == ()
    assert answer.strangers == (NOORD.name,)


async def test_a_hospital_that_is_not_in_the_directory_is_named_and_not_called(kind: tuple[Registry, Stub]) -> None:
    registry, stub = kind
    oost = PublishingHospital("oost", "Ziekenhuis Oost", "90000199", "https://oost.example")
    stub.answer = fhir_answer(*entries(a_study(ANNA.bsn), oost))
    answer = await registry.search(ANNA.bsn, OWN)
    assert (answer.studies, answer.strangers) == ((), ("Ziekenhuis Oost",))


async def test_a_study_under_the_name_of_another_custodian_is_left_out(kind: tuple[Registry, Stub]) -> None:
    registry, stub = kind
    own, *_ = entries(a_study(ANNA.bsn), place())
    stub.answer = fhir_answer(own, endpoint_resource(place(ura="90000199")))
    answer = await registry.search(ANNA.bsn, OWN)
    assert (answer.studies, answer.strangers) == ((), (NOORD.name,))


# How it fails


async def _late(_request: Request) -> Response:
    await asyncio.sleep(3600)
    return Response()


async def _html(_request: Request) -> Response:
    return HTMLResponse("<h1>Welcome to nginx!</h1>")


async def _rubbish(_request: Request) -> Response:
    return Response(bytes(range(256)), media_type="application/fhir+json")


async def _another_resource(_request: Request) -> Response:
    return Response('{"resourceType": "Patient"}')


async def _cut_short(_request: Request) -> Response:
    return Response('{"resourceType": "Bundle", "entry": [', headers={"Content-Length": "100000"})


async def _huge(_request: Request) -> Response:
    return Response(b" " * 2_000_000)


async def _deep(_request: Request) -> Response:
    return Response(b'{"resourceType":"Bundle","entry":' + b"[" * 400_000)


async def _elsewhere(_request: Request) -> Response:
    return RedirectResponse("http://169.254.169.254/", 307)


async def _busy(_request: Request) -> Response:
    return Response(status_code=503)


async def _forbidden(_request: Request) -> Response:
    return Response(status_code=403)


@pytest.mark.parametrize(
    ("answer", "reason", "retryable"),
    [
        (_late, "late", True),
        (_html, "unreadable", False),
        (_rubbish, "unreadable", False),
        (_another_resource, "unreadable", False),
        (_cut_short, "unavailable", True),
        (_huge, "unavailable", False),
        (_deep, "unreadable", False),
        (_elsewhere, "unavailable", False),
        (_busy, "unavailable", True),
        (_forbidden, "refused", False),
    ],
    ids=lambda one: getattr(one, "__name__", str(one)),
)
async def test_a_registry_that_is_late_or_answers_rubbish_is_unavailable_by_name(
    kind: tuple[Registry, Stub], answer: Answer, reason: str, retryable: bool
) -> None:
    registry, stub = kind
    stub.answer = answer
    with pytest.raises(Unavailable) as failed:
        await registry.search(ANNA.bsn, OWN)
    assert (failed.value.source, failed.value.reason, failed.value.retryable) == ("register", reason, retryable)


@pytest.mark.parametrize("name", KINDS)
async def test_a_registry_that_is_down_is_unavailable_by_name(name: str) -> None:
    registry, client = KINDS[name][0]("http://registry.localhost:9", 0.3)
    async with client:
        with pytest.raises(Unavailable) as failed:
            await registry.search(ANNA.bsn, OWN)
    assert (failed.value.source, failed.value.retryable) == ("register", True)
