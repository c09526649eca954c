"""What a document registry may do: succeed in part, not know the person, be busy, pack documents in two ways."""

from collections.abc import AsyncIterator, Iterator
from typing import Literal

import pytest
from joserfc.jwk import KeySet
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from tests.cast import ANNA, NOORD, NOW, WEST
from tests.index_town import OWN, PORTAL, a_study
from tests.registries.stub import Entry, served
from tests.registries.xds_stub import REPOSITORY, STATUS, XdsStub

from beeldpas.domain.errors import Unavailable
from beeldpas.formats.jose import new_key
from beeldpas.portal.registries import manifests
from beeldpas.portal.registries.question import Signer
from beeldpas.portal.registries.xds import XdsRegistry

FAILURE = f"{STATUS}:Failure"


@pytest.fixture(scope="module")
def running() -> Iterator[XdsStub]:
    with served(XdsStub()) as stub:
        assert isinstance(stub, XdsStub)
        yield stub


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """No story here is about a slow machine: a manifest may take its time."""
    monkeypatch.setattr(manifests, "_SECONDS", 30.0)


@pytest.fixture
async def xds(running: XdsStub) -> AsyncIterator[tuple[XdsRegistry, XdsStub]]:
    running.reset()
    signer = Signer(PORTAL, KeySet([new_key("portal-1")]), lambda: NOW)
    repositories = {REPOSITORY: running.repository_url}
    async with running.client(20.0, running.hosts) as client:
        registry = XdsRegistry("register", running.base_url, client, signer, running.directory, repositories)
        yield registry, running


@pytest.mark.parametrize("packing", ["mtom", "inline"])
async def test_a_manifest_comes_beside_the_message_or_in_it(
    xds: tuple[XdsRegistry, XdsStub], packing: Literal["mtom", "inline"]
) -> None:
    registry, stub = xds
    stub.entries, stub.packing = (Entry(a_study(ANNA.bsn), NOORD),), packing
    answer = await registry.search(ANNA.bsn, OWN)
    assert ([one.uid for one in answer.studies], answer.unreadable) == ([stub.entries[0].study.study_uid], 0)


async def test_what_comes_in_part_is_shown_and_the_sources_that_failed_are_named(
    xds: tuple[XdsRegistry, XdsStub],
) -> None:
    registry, stub = xds
    stub.entries = (Entry(a_study(ANNA.bsn), NOORD),)
    stub.errors = (
        ("XDSUnavailableCommunity", "no answer", "Regio Oost"),
        ("XDSRegistryError", "Regio Zuid down", ""),
    )
    answer = await registry.search(ANNA.bsn, OWN)
    assert (len(answer.studies), answer.failed) == (1, ("Regio Oost", "Regio Zuid down"))


async def test_a_person_whom_the_registry_does_not_know_has_nothing_there(xds: tuple[XdsRegistry, XdsStub]) -> None:
    registry, stub = xds
    stub.errors, stub.outcome = (("XDSUnknownPatientId", "", ""),), FAILURE
    answer = await registry.search(ANNA.bsn, OWN)
    assert (answer.studies, answer.failed, answer.complete) == ((), (), True)


@pytest.mark.parametrize(("code", "retryable"), [("XDSRegistryBusy", True), ("XDSRegistryError", False)])
async def test_a_registry_that_says_that_it_failed_is_unavailable(
    xds: tuple[XdsRegistry, XdsStub], code: str, retryable: bool
) -> None:
    registry, stub = xds
    stub.errors, stub.outcome = ((code, "", ""),), FAILURE
    with pytest.raises(Unavailable) as failed:
        await registry.search(ANNA.bsn, OWN)
    assert (failed.value.source, failed.value.retryable) == ("register", retryable)


async def test_a_manifest_in_a_repository_that_nobody_set_is_counted_and_not_fetched(
    xds: tuple[XdsRegistry, XdsStub],
) -> None:
    registry, stub = xds
    stub.entries, stub.repository = (Entry(a_study(ANNA.bsn, reports=()), NOORD),), "1.2.3.4"
    answer = await registry.search(ANNA.bsn, OWN)
    assert (answer.studies, answer.unreadable, len(stub.sent)) == ((), 1, 1)


@pytest.mark.parametrize(
    "document",
    [
        HTMLResponse("<h1>Error</h1>"),
        Response(status_code=500),
        Response(b"\0" * 3_000_000),
        Response(b"--mark\r\n\r\ncut", headers={"Content-Type": 'multipart/related; boundary="mark"'}),
        Response(b"x", headers={"Content-Type": "multipart/related"}),
    ],
    ids=["html", "broken", "huge", "cut", "no boundary"],
)
async def test_a_manifest_that_cannot_be_had_is_counted_and_the_others_are_kept(
    xds: tuple[XdsRegistry, XdsStub], document: Response
) -> None:
    registry, stub = xds
    bad, good = (Entry(a_study(ANNA.bsn, reports=()), at) for at in (NOORD, WEST))
    stub.entries = (bad, good)

    async def mood(request: Request) -> Response:
        body = await request.body()
        return document if b">2.25.70<" in body else await stub.answer(request, body)

    stub.mood = mood
    answer = await registry.search(ANNA.bsn, OWN)
    assert ([one.uid for one in answer.studies], answer.unreadable) == ([good.study.study_uid], 1)


async def test_the_person_is_told_to_the_registry_alone_and_not_to_repositories(
    xds: tuple[XdsRegistry, XdsStub],
) -> None:
    registry, stub = xds
    stub.entries = (Entry(a_study(ANNA.bsn), NOORD),)
    await registry.search(ANNA.bsn, OWN)
    told = [ANNA.bsn.reveal() in one.body.decode() for one in stub.sent]
    assert told == [True, False]
