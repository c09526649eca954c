"""What an index of documents may do: manifests in either encoding or both, codes of every draft, and faults."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import pytest
from joserfc.jwk import KeySet
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from tests.cast import ANNA, BRAM, NOORD, NOW, WEST
from tests.index_town import OWN, PORTAL, a_study
from tests.registries.kos_file import FINAL, TEMPORARY, XDS_I, kos_file
from tests.registries.mhd_stub import Form, MhdStub
from tests.registries.stub import Entry, served

from beeldpas.formats.jose import new_key
from beeldpas.portal.directory import Directory
from beeldpas.portal.registries import manifests
from beeldpas.portal.registries.mhd import MhdRegistry
from beeldpas.portal.registries.port import RegistryAnswer
from beeldpas.portal.registries.question import Signer


@pytest.fixture(scope="module")
def running() -> Iterator[MhdStub]:
    with served(MhdStub()) as stub:
        assert isinstance(stub, MhdStub)
        yield stub


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """No story here is about a slow machine: a manifest may take its time."""
    monkeypatch.setattr(manifests, "_SECONDS", 30.0)


@pytest.fixture
async def mhd(running: MhdStub) -> AsyncIterator[tuple[MhdRegistry, MhdStub]]:
    running.reset()
    signer = Signer(PORTAL, KeySet([new_key("portal-1")]), lambda: NOW)
    async with running.client(20.0) as client:
        yield MhdRegistry("register", running.base_url, client, signer, running.directory), running


def fetched(stub: MhdStub) -> list[str]:
    """Which manifests were asked for, as kind and number."""
    return sorted(one.url.rpartition("/")[2] for one in stub.sent if "/Binary/" in one.url)


def facts(answer: RegistryAnswer) -> Any:
    (found,) = answer.studies
    (series,) = found.series
    names = (found.uid, found.started, found.modalities, found.description, found.body_part, found.accessions)
    return (*names, series.uid, series.instances, series.modality, found.origin.gateway_id, answer.unreadable)


async def test_either_encoding_and_both_as_twins_tell_one_and_the_same_study(
    mhd: tuple[MhdRegistry, MhdStub],
) -> None:
    registry, stub = mhd
    stub.entries = (Entry(a_study(ANNA.bsn, reports=()), NOORD),)
    told, asked = [], []
    forms: list[Form] = ["fhir", "kos", "twins"]
    for form in forms:
        stub.form = form
        stub.sent.clear()
        told.append(facts(await registry.search(ANNA.bsn, OWN)))
        asked.append(fetched(stub))
    assert told[0] == told[1] == told[2]
    assert asked == [["fhir-0"], ["kos-0"], ["fhir-0"]]


@pytest.mark.parametrize("codes", [FINAL, TEMPORARY, XDS_I], ids=["final", "temporary", "xds-i"])
async def test_codes_of_every_draft_are_read(mhd: tuple[MhdRegistry, MhdStub], codes: dict[str, Any]) -> None:
    registry, stub = mhd
    study = a_study(ANNA.bsn, reports=())
    stub.entries, stub.form, stub.codes = (Entry(study, NOORD),), "kos", codes
    (found,) = (await registry.search(ANNA.bsn, OWN)).studies
    assert [(one.uid, one.description, one.modality) for one in found.series] == [
        (study.series[0].uid, "axial", "CT")
    ]


async def test_a_uid_may_stand_in_a_manifest_bare(mhd: tuple[MhdRegistry, MhdStub]) -> None:
    registry, stub = mhd
    stub.entries, stub.bare_uids = (Entry(a_study(ANNA.bsn), NOORD),), True
    answer = await registry.search(ANNA.bsn, OWN)
    assert ([one.uid for one in answer.studies], answer.unreadable) == ([stub.entries[0].study.study_uid], 0)


async def test_when_one_twin_cannot_be_read_the_other_is(mhd: tuple[MhdRegistry, MhdStub]) -> None:
    registry, stub = mhd
    stub.entries, stub.form = (Entry(a_study(ANNA.bsn, reports=()), NOORD),), "twins"
    stub.manifest = lambda request: HTMLResponse("<h1>Error</h1>") if "fhir" in request.url.path else None
    answer = await registry.search(ANNA.bsn, OWN)
    assert (len(answer.studies), answer.unreadable, fetched(stub)) == (1, 0, ["fhir-0", "kos-0"])


def _html(_request: Request) -> Response:
    return HTMLResponse("<h1>Welcome to nginx!</h1>")


def _gone(_request: Request) -> Response:
    return Response(status_code=404)


def _huge(_request: Request) -> Response:
    return Response(b"\0" * 3_000_000)


def _elsewhere(_request: Request) -> Response:
    return Response(status_code=307, headers={"Location": "http://169.254.169.254/"})


def _searchset(_request: Request) -> Response:
    return Response('{"resourceType": "Bundle", "type": "searchset"}')


def _no_study(_request: Request) -> Response:
    return Response('{"resourceType": "Bundle", "type": "document", "entry": []}')


@pytest.mark.parametrize("form", ["fhir", "kos"])
@pytest.mark.parametrize("manifest", [_html, _gone, _huge, _elsewhere, _searchset, _no_study])
async def test_a_manifest_that_cannot_be_had_is_counted_and_the_others_are_kept(
    mhd: tuple[MhdRegistry, MhdStub], manifest: Any, form: Form
) -> None:
    registry, stub = mhd
    bad, good = (Entry(a_study(ANNA.bsn, reports=()), at) for at in (NOORD, WEST))
    stub.entries, stub.form = (bad, good), form
    stub.manifest = lambda request: manifest(request) if request.url.path.endswith("-0") else None
    answer = await registry.search(ANNA.bsn, OWN)
    assert ([one.uid for one in answer.studies], answer.unreadable) == ([good.study.study_uid], 1)


async def test_a_manifest_of_another_person_or_study_than_its_envelope_says_is_counted(
    mhd: tuple[MhdRegistry, MhdStub],
) -> None:
    registry, stub = mhd
    brams, another = a_study(BRAM.bsn), a_study(ANNA.bsn)
    stub.entries, stub.form = tuple(Entry(a_study(ANNA.bsn, reports=()), NOORD) for _ in range(2)), "kos"
    wrong = (Entry(replace(brams, study_uid=stub.entries[0].study.study_uid), NOORD), Entry(another, NOORD))

    def swapped(request: Request) -> Response:
        number = int(request.url.path[-1])
        return Response(kos_file(wrong[number], "2.25.9", stub.images_at(wrong[number])))

    stub.manifest = swapped
    answer = await registry.search(ANNA.bsn, OWN)
    assert (answer.studies, answer.unreadable) == ((), 2)


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://west.localhost:{port}/Binary/fhir-0",
        "http://registry.localhost:{port}@evil.example/Binary/fhir-0",
        f"/Binary/fhir-0?patient={ANNA.bsn.reveal()}",
        "file:///etc/passwd",
    ],
)
async def test_a_manifest_elsewhere_or_with_the_person_in_its_address_is_not_fetched(
    mhd: tuple[MhdRegistry, MhdStub], address: str
) -> None:
    registry, stub = mhd
    stub.entries = (Entry(a_study(ANNA.bsn, reports=()), NOORD),)

    def redirect(bundle: dict[str, Any]) -> None:
        attachment = bundle["entry"][0]["resource"]["content"][0]["attachment"]
        attachment["url"] = address.replace("{port}", str(stub.port))

    stub.spoil = redirect
    answer = await registry.search(ANNA.bsn, OWN)
    assert (answer.studies, answer.unreadable, len(stub.sent)) == ((), 1, 1)


async def test_a_long_address_is_fetched_as_it_stands(mhd: tuple[MhdRegistry, MhdStub]) -> None:
    registry, stub = mhd
    stub.entries, long = (Entry(a_study(ANNA.bsn, reports=()), NOORD),), f"/Binary/fhir-0?sealed={'a' * 600}"

    def lengthen(bundle: dict[str, Any]) -> None:
        bundle["entry"][0]["resource"]["content"][0]["attachment"]["url"] = long

    stub.spoil = lengthen
    answer = await registry.search(ANNA.bsn, OWN)
    assert (len(answer.studies), stub.sent[1].url) == (1, f"{stub.base_url}{long}")


async def test_documents_that_are_neither_manifest_nor_report_or_not_current_are_passed_over(
    mhd: tuple[MhdRegistry, MhdStub],
) -> None:
    registry, stub = mhd
    stub.entries = tuple(Entry(a_study(ANNA.bsn, reports=()), NOORD) for _ in range(2))

    def spoil(bundle: dict[str, Any]) -> None:
        letter, old = (one["resource"] for one in bundle["entry"])
        letter["content"] = [{"attachment": {"contentType": "application/pdf"}}]
        letter["type"] = {"coding": [{"system": "http://loinc.org", "code": "11488-4"}]}
        old["status"] = "superseded"

    stub.spoil = spoil
    answer = await registry.search(ANNA.bsn, OWN)
    assert (answer.studies, answer.reports, answer.unreadable, len(stub.sent)) == ((), (), 0, 1)


async def test_an_archive_that_the_directory_knows_by_its_location_needs_no_address(
    mhd: tuple[MhdRegistry, MhdStub],
) -> None:
    registry, stub = mhd
    noord, west = stub.directory.hospitals
    known = Directory((replace(noord, locations=("1.2.3.4.5",)), west))
    forms: list[Form] = ["fhir", "kos"]
    stub.entries = (Entry(a_study(ANNA.bsn, reports=()), NOORD, "http://notspecified"),)
    for stub.form in forms:
        (found,) = (await replace(registry, directory=known).search(ANNA.bsn, OWN)).studies
        assert found.origin.gateway_id == NOORD.gateway_id
