"""What happens around the referral index: who hears the number, which addresses count, who is silent."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from joserfc.jwk import KeySet
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from structlog.testing import capture_logs
from tests.cast import ANNA, NOORD, NOW, WEST
from tests.index_town import OWN, PORTAL, a_study
from tests.registries.nvi_stub import JWE, RECIPIENT, NviStub
from tests.registries.stub import Answer, Entry, served

from beeldpas.domain.errors import Unavailable
from beeldpas.formats.jose import new_key
from beeldpas.portal.registries import nvi
from beeldpas.portal.registries.nvi import NviRegistry, NviServices
from beeldpas.portal.registries.question import Signer


@pytest.fixture(scope="module")
def running() -> Iterator[NviStub]:
    with served(NviStub()) as stub:
        assert isinstance(stub, NviStub)
        yield stub


@pytest.fixture
async def index(running: NviStub) -> AsyncIterator[tuple[NviRegistry, NviStub]]:
    running.reset()
    signer = Signer(PORTAL, KeySet([new_key("portal-1")]), lambda: NOW)
    services = NviServices(running.pseudonyms_url, running.addressing_url, RECIPIENT)
    async with running.client(20.0, running.hosts) as client:
        yield NviRegistry("register", running.base_url, client, signer, running.directory, services), running


def at_both() -> tuple[Entry, Entry]:
    return Entry(a_study(ANNA.bsn, reports=()), NOORD), Entry(a_study(ANNA.bsn, reports=()), WEST)


async def test_the_number_is_told_to_the_pseudonym_service_and_the_hospitals_alone(
    index: tuple[NviRegistry, NviStub],
) -> None:
    registry, stub = index
    stub.entries = at_both()
    await registry.search(ANNA.bsn, OWN)
    heard = {one.headers["host"].partition(".")[0]: ANNA.bsn.reveal() in one.body.decode() for one in stub.sent}
    assert heard == {"pseudonyms": True, "registry": False, "addresses": False, "noord": True, "west": True}


async def test_a_hospital_without_images_of_this_person_is_not_asked(index: tuple[NviRegistry, NviStub]) -> None:
    registry, stub = index
    stub.entries = at_both()[:1]
    await registry.search(ANNA.bsn, OWN)
    assert not [one for one in stub.sent if one.headers["host"].startswith("west")]


async def _late(_request: Request) -> Response:
    await asyncio.sleep(3600)
    return Response()


async def _html(_request: Request) -> Response:
    return HTMLResponse("<h1>Welcome to nginx!</h1>")


async def _busy(_request: Request) -> Response:
    return Response(status_code=503)


async def _forbidden(_request: Request) -> Response:
    return Response(status_code=403)


@pytest.mark.parametrize("mood", [_late, _html, _busy, _forbidden])
async def test_a_hospital_that_is_silent_or_answers_rubbish_is_named_and_the_others_are_shown(
    index: tuple[NviRegistry, NviStub], mood: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry, stub = index
    monkeypatch.setattr(nvi, "_HOSPITAL_SECONDS", 0.5)
    stub.entries, stub.moods["west"] = at_both(), mood
    answer = await registry.search(ANNA.bsn, OWN)
    assert ([one.origin.gateway_id for one in answer.studies], answer.failed) == (["noord"], (WEST.name,))


@pytest.mark.parametrize(
    "change",
    [
        {"status": "off"},
        {"period": {"end": "2026-11-23"}},
        {"period": {"start": "2026-11-25"}},
        {"connectionType": {"system": "urn:x", "code": "dicom-wado-rs"}},
        {"payloadType": [{"coding": [{"system": "urn:x", "code": "Medication"}]}]},
    ],
    ids=str,
)
async def test_an_address_that_is_not_in_force_or_for_something_else_is_not_used(
    index: tuple[NviRegistry, NviStub], change: dict[str, Any]
) -> None:
    registry, stub = index
    stub.entries = at_both()[:1]
    stub.endpoint.update(change)
    answer = await registry.search(ANNA.bsn, OWN)
    assert (answer.studies, answer.strangers) == ((), (NOORD.name,))
    assert not [one for one in stub.sent if one.headers["host"].startswith("noord")]


@pytest.mark.parametrize("service", ["registry", "addresses"])
async def test_when_nobody_can_say_who_holds_images_the_index_is_unavailable(
    index: tuple[NviRegistry, NviStub], service: str
) -> None:
    registry, stub = index
    stub.entries = at_both()

    async def down(request: Request) -> Response:
        if (request.url.hostname or "").startswith(service):
            return Response(status_code=503)
        return await stub.answer(request, await request.body())

    stub.mood = down
    with pytest.raises(Unavailable) as failed:
        await registry.search(ANNA.bsn, OWN)
    assert (failed.value.source, failed.value.retryable) == ("register", True)


async def test_the_pseudonym_and_the_number_are_in_no_log(index: tuple[NviRegistry, NviStub]) -> None:
    registry, stub = index
    stub.entries, stub.moods["west"] = at_both(), _busy
    with capture_logs() as logged:
        await registry.search(ANNA.bsn, OWN)
    assert [one["event"] for one in logged] == ["source_missing"]
    assert JWE not in str(logged) and ANNA.bsn.reveal() not in str(logged)
