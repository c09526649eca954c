"""Every kind of registry, against a server of its own protocol that answers well, late, or with rubbish.

A new kind of registry is one more stub in `tests/registries/` and one more entry of KINDS. Beside the stubs stands
our own registry door for documents, the real program: `own_door.CANNOT` says which stories it is not in, and why.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import date

import httpx2
import pytest
from joserfc.jwk import KeySet
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from tests.cast import ANNA, BRAM, NOORD, NOW, WEST, ZUID, Organisation
from tests.index_town import OWN, PORTAL, a_study, new_uid
from tests.registries.fhir_stub import FhirStub
from tests.registries.mhd_stub import MhdStub
from tests.registries.nvi_stub import RECIPIENT, NviStub
from tests.registries.own_door import CANNOT, own_door, running_door
from tests.registries.stub import Alone, Answer, Entry, Stub, served
from tests.registries.xds_stub import REPOSITORY, XdsStub

from beeldpas.domain.errors import Unavailable
from beeldpas.formats.fhir.publication import PublishedReport, PublishedStudy
from beeldpas.formats.jose import new_key
from beeldpas.portal.registries import manifests
from beeldpas.portal.registries.fhir import FhirRegistry
from beeldpas.portal.registries.mhd import MhdRegistry
from beeldpas.portal.registries.nvi import NviRegistry, NviServices
from beeldpas.portal.registries.port import Registry, RegistryAnswer
from beeldpas.portal.registries.question import Signer
from beeldpas.portal.registries.xds import XdsRegistry

Open = Callable[[Stub, httpx2.AsyncClient, Signer], Registry]


def _fhir(stub: Stub, client: httpx2.AsyncClient, signer: Signer) -> Registry:
    return FhirRegistry("register", stub.base_url, client, signer, stub.directory)


def _mhd(stub: Stub, client: httpx2.AsyncClient, signer: Signer) -> Registry:
    return MhdRegistry("register", stub.base_url, client, signer, stub.directory)


def _xds(stub: Stub, client: httpx2.AsyncClient, signer: Signer) -> Registry:
    assert isinstance(stub, XdsStub)
    repositories = {REPOSITORY: stub.repository_url}
    return XdsRegistry("register", stub.base_url, client, signer, stub.directory, repositories)


def _nvi(stub: Stub, client: httpx2.AsyncClient, signer: Signer) -> Registry:
    assert isinstance(stub, NviStub)
    services = NviServices(stub.pseudonyms_url, stub.addressing_url, RECIPIENT)
    return NviRegistry("register", stub.base_url, client, signer, stub.directory, services)


KINDS: dict[str, tuple[type[Stub], Open]] = {
    "fhir": (FhirStub, _fhir),
    "mhd": (MhdStub, _mhd),
    "xds": (XdsStub, _xds),
    "nvi": (NviStub, _nvi),
}


OPEN: dict[str, Open] = {**{name: opened for name, (_, opened) in KINDS.items()}, "own": own_door}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tell each story to all four kinds, and to our own door unless its cause cannot exist there."""
    if "kind" in metafunc.fixturenames:
        told = [name for name in OPEN if name in KINDS or metafunc.function.__name__ not in CANNOT]
        metafunc.parametrize("kind", told, indirect=True)


@pytest.fixture(scope="module")
def stubs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Stub]]:
    with ExitStack() as running:
        stubs: dict[str, Stub] = {name: running.enter_context(served(made())) for name, (made, _) in KINDS.items()}
        stubs["own"] = running.enter_context(running_door(tmp_path_factory.mktemp("own")))
        yield stubs


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """No story here is about a slow machine: a manifest may take its time."""
    monkeypatch.setattr(manifests, "_SECONDS", 30.0)


@pytest.fixture
async def kind(request: pytest.FixtureRequest, stubs: dict[str, Stub]) -> AsyncIterator[tuple[Registry, Stub]]:
    stub = stubs[request.param]
    stub.reset()
    signer = Signer(PORTAL, KeySet([new_key("portal-1")]), lambda: NOW)
    async with stub.client(3.0, stub.hosts) as client:
        yield OPEN[request.param](stub, client, signer), stub


def test_a_story_that_our_own_door_is_not_in_is_one_of_these() -> None:
    assert set(CANNOT) <= set(globals())


def entry(study: PublishedStudy, at: Organisation = NOORD, address: str = "") -> Entry:
    return Entry(study, at, address)


# What it finds


async def test_a_study_comes_with_everything_that_a_page_shows(kind: tuple[Registry, Stub]) -> None:
    registry, stub = kind
    study = a_study(ANNA.bsn)
    stub.entries = (entry(study),)
    answer = await registry.search(ANNA.bsn, OWN)
    (found,) = answer.studies
    assert (answer.unreadable, answer.strangers, answer.complete) == (0, (), True)
    assert (answer.warnings, answer.failed, answer.reports) == (0, (), ())
    assert (found.uid, found.started, found.modalities) == (study.study_uid, date(2024, 3, 1), ("CT",))
    assert (found.description, found.body_part) == ("CT thorax", "CHEST")
    assert [(one.number, one.issuer) for one in found.accessions] == [("A-1", stub.accession_issuer)]
    assert [(one.gateway_id, one.hospital, one.custodian) for one in found.holdings] == [
        (NOORD.gateway_id, NOORD.name, NOORD.ura)
    ]
    assert not found.origin.confirmed
    assert [(series.uid, series.instances) for series in found.series] == [(study.series[0].uid, 120)]
    assert [(report.identifier, report.issued) for report in found.reports] == [
        (study.reports[0].sop_uid, date(2024, 3, 2))
    ]


async def test_the_person_stands_in_the_body_only(kind: tuple[Registry, Stub]) -> None:
    registry, stub = kind
    stub.entries = (entry(a_study(ANNA.bsn)),)
    await registry.search(ANNA.bsn, OWN)
    bsn = ANNA.bsn.reveal()
    assert stub.sent and not [one for one in stub.sent if bsn in one.url or bsn in str(one.headers)]
    assert bsn in stub.sent[0].body.decode()


async def test_nothing_registered_is_an_answer(kind: tuple[Registry, Stub]) -> None:
    registry, _ = kind
    answer = await registry.search(ANNA.bsn, OWN)
    assert (answer.studies, answer.reports, answer.unreadable, answer.complete) == ((), (), 0, True)


async def test_a_study_at_two_hospitals_is_one_with_both(kind: tuple[Registry, Stub]) -> None:
    registry, stub = kind
    made = a_study(ANNA.bsn)
    stub.entries = (entry(replace(made, origin=False), WEST), entry(made))
    (found,) = (await registry.search(ANNA.bsn, OWN)).studies
    assert {one.gateway_id for one in found.holdings} == {NOORD.gateway_id, WEST.gateway_id}


async def test_a_report_whose_images_are_not_registered_stands_alone(kind: tuple[Registry, Stub]) -> None:
    registry, stub = kind
    report = PublishedReport(new_uid(), "final", date(2024, 5, 1))
    stub.alone = (Alone(report, new_uid(), ANNA.bsn, NOORD),)
    answer = await registry.search(ANNA.bsn, OWN)
    assert (answer.studies, answer.unreadable) == ((), 0)
    assert [(one.identifier, one.issued, one.hospitals) for one in answer.reports] == [
        (report.sop_uid, date(2024, 5, 1), (NOORD.name,))
    ]


async def test_an_amended_report_stands_before_the_one_that_it_replaces(kind: tuple[Registry, Stub]) -> None:
    registry, stub = kind
    study = a_study(ANNA.bsn)
    (first,) = study.reports
    amended = PublishedReport(new_uid(), "amended", date(2024, 3, 9))
    stub.entries = (entry(study),)
    stub.alone = (Alone(amended, study.study_uid, ANNA.bsn, NOORD, replaces=first.sop_uid),)
    (found,) = (await registry.search(ANNA.bsn, OWN)).studies
    older = [(first.sop_uid, True)] if stub.keeps_older else []
    assert [(one.identifier, found.is_replaced(one)) for one in found.reports] == [(amended.sop_uid, False), *older]


# What it does not believe


async def test_studies_of_another_person_are_left_out_and_counted(kind: tuple[Registry, Stub]) -> None:
    registry, stub = kind
    own, other = a_study(ANNA.bsn), a_study(BRAM.bsn, reports=())
    stub.entries = (entry(own), entry(other, WEST))
    answer = await registry.search(ANNA.bsn, OWN)
    assert [study.uid for study in answer.studies] == [own.study_uid]
    assert answer.unreadable == 1


async def test_what_cannot_be_read_is_counted_and_the_rest_is_kept(kind: tuple[Registry, Stub]) -> None:
    registry, stub = kind
    good = a_study(ANNA.bsn)
    bad = [a_study(ANNA.bsn, study_uid=uid, reports=()) for uid in ("not.a.uid", "1." + "2" * 63)]
    stub.entries = (entry(good), *(entry(one) for one in bad))
    answer = await registry.search(ANNA.bsn, OWN)
    assert ([study.uid for study in answer.studies], answer.unreadable) == ([good.study_uid], 2)


async def test_one_study_under_two_dates_is_one_study_and_the_other_date_is_told(kind: tuple[Registry, Stub]) -> None:
    registry, stub = kind
    made = a_study(ANNA.bsn, reports=())
    stub.entries = (entry(made), entry(replace(made, started=date(2024, 3, 5), origin=False), WEST))
    (found,) = (await registry.search(ANNA.bsn, OWN)).studies
    assert found.started == date(2024, 3, 1)
    assert [(one.day, one.hospital) for one in found.other_dates] == [(date(2024, 3, 5), WEST.name)]


async def test_a_date_in_the_future_is_unknown(kind: tuple[Registry, Stub]) -> None:
    registry, stub = kind
    stub.entries = (entry(a_study(ANNA.bsn, started=date(2031, 1, 1), reports=())),)
    (found,) = (await registry.search(ANNA.bsn, OWN)).studies
    assert (found.started, found.other_dates) == (None, ())


async def test_a_missing_modality_is_unknown(kind: tuple[Registry, Stub]) -> None:
    registry, stub = kind
    made = a_study(ANNA.bsn, reports=())
    stub.entries = (entry(replace(made, series=tuple(replace(one, modality="") for one in made.series))),)
    (found,) = (await registry.search(ANNA.bsn, OWN)).studies
    assert found.modalities == ()


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://notspecified",
        "http://noord.localhost:{port}@evil.example/dicom-web",
        "http://user:secret@noord.localhost:{port}/dicom-web",
        "http://noord.localhost:22/dicom-web",
        "http://noord.localhost/dicom-web",
        "https://noord.localhost:{port}/dicom-web",
        "http://noord.localhost.evil.example:{port}/dicom-web",
        "http://noord.localhost:{port}.evil.example/dicom-web",
        "http://noord.localhost:{port}\\@evil.example/dicom-web",
        "http://noord.localhost:{port}/../../etc/passwd",
        "http://west.localhost:{port}/dicom-web",
        "http://[::1]:{port}/dicom-web",
        "http://noord.localhost:port/dicom-web",
        "file:///etc/passwd",
        "//noord.localhost:{port}/dicom-web",
    ],
)
async def test_an_address_that_is_not_the_directorys_is_never_used(kind: tuple[Registry, Stub], address: str) -> None:
    registry, stub = kind
    stub.entries = (entry(a_study(ANNA.bsn, reports=()), NOORD, address.replace("{port}", str(stub.port))),)
    answer = await registry.search(ANNA.bsn, OWN)
    assert only_told_of(answer) in ([(NOORD.name, "contradicted")], [(NOORD.name, "not asked")])
    assert not [one for one in stub.sent if "dicom-web" in one.url or "passwd" in one.url]


async def test_a_hospital_that_is_not_in_the_directory_is_told_of_and_not_called(kind: tuple[Registry, Stub]) -> None:
    registry, stub = kind
    stub.entries = (entry(a_study(ANNA.bsn, reports=()), ZUID),)
    answer = await registry.search(ANNA.bsn, OWN)
    assert only_told_of(answer) in ([(ZUID.name, "unknown")], [(ZUID.name, "not asked")])
    assert not [one for one in stub.sent if "zuid.localhost" in one.url]


async def test_a_study_under_the_name_of_another_custodian_is_told_of_only(kind: tuple[Registry, Stub]) -> None:
    registry, stub = kind
    stub.entries = (entry(a_study(ANNA.bsn, reports=()), replace(NOORD, ura="90000199")),)
    answer = await registry.search(ANNA.bsn, OWN)
    assert only_told_of(answer) in ([(NOORD.name, "contradicted")], [(NOORD.name, "not asked")])


def only_told_of(answer: RegistryAnswer) -> list[tuple[str, str]]:
    """Hospitals that are said to hold something, and that nobody calls; an index without studies just names them."""
    assert all(one.holdings == () for one in answer.studies)
    told = [(where.hospital, where.why) for one in answer.studies for where in one.elsewhere]
    return told + [(name, "not asked") for name in answer.strangers]


# How it fails


async def _late(_request: Request) -> Response:
    await asyncio.sleep(3600)
    return Response()


async def _html(_request: Request) -> Response:
    return HTMLResponse("<h1>Welcome to nginx!</h1>")


async def _rubbish(_request: Request) -> Response:
    return Response(bytes(range(256)), media_type="application/fhir+json")


async def _another_charset(_request: Request) -> Response:
    return Response('{"resourceType": "Bundle"}'.encode("utf-16"), media_type="application/fhir+json; charset=utf-8")


async def _another_resource(_request: Request) -> Response:
    return Response('{"resourceType": "Patient"}')


async def _cut_short(_request: Request) -> Response:
    return Response('{"resourceType": "Bundle", "entry": [', headers={"Content-Length": "100000"})


async def _huge(_request: Request) -> Response:
    return Response(b" " * 2_000_000)


async def _endless(_request: Request) -> Response:
    async def half_a_gigabyte() -> AsyncIterator[bytes]:
        for _ in range(500):
            yield b" " * 1_000_000

    return StreamingResponse(half_a_gigabyte())


async def _deep(_request: Request) -> Response:
    return Response(b'{"resourceType":"Bundle","entry":' + b"[" * 400_000)


async def _bomb(_request: Request) -> Response:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    return Response(f'<!DOCTYPE bomb [<!ENTITY l0 "lol">{levels}]><bomb>&l11;</bomb>', media_type="application/xml")


async def _elsewhere(_request: Request) -> Response:
    return RedirectResponse("http://169.254.169.254/", 307)


async def _busy(_request: Request) -> Response:
    return Response(status_code=503)


async def _forbidden(_request: Request) -> Response:
    return Response(status_code=403)


@pytest.mark.parametrize(
    ("mood", "reason", "retryable"),
    [
        (_late, "late", True),
        (_html, "unreadable", False),
        (_rubbish, "unreadable", False),
        (_another_charset, "unreadable", False),
        (_another_resource, "unreadable", False),
        (_cut_short, "unavailable", True),
        (_huge, "unavailable", False),
        (_endless, "unavailable", False),
        (_deep, "unreadable", False),
        (_bomb, "unreadable", False),
        (_elsewhere, "unavailable", False),
        (_busy, "unavailable", True),
        (_forbidden, "refused", False),
    ],
    ids=lambda one: getattr(one, "__name__", str(one)),
)
async def test_a_registry_that_is_late_or_answers_rubbish_is_unavailable_by_name(
    kind: tuple[Registry, Stub], mood: Answer, reason: str, retryable: bool
) -> None:
    registry, stub = kind
    stub.mood = mood
    with pytest.raises(Unavailable) as failed:
        await registry.search(ANNA.bsn, OWN)
    assert (failed.value.source, failed.value.reason, failed.value.retryable) == ("register", reason, retryable)


@pytest.mark.parametrize("name", KINDS)
async def test_a_registry_that_is_down_is_unavailable_by_name(name: str) -> None:
    stub = KINDS[name][0](port=9)
    signer = Signer(PORTAL, KeySet([new_key("portal-1")]), lambda: NOW)
    async with stub.client(0.3, stub.hosts) as client:
        with pytest.raises(Unavailable) as failed:
            await KINDS[name][1](stub, client, signer).search(ANNA.bsn, OWN)
    assert (failed.value.source, failed.value.retryable) == ("register", True)
