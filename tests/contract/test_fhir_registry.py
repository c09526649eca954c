"""What a FHIR registry may do beside one flat page of R4: pages, Bundles in Bundles, shapes of R5, warnings."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from joserfc.jwk import KeySet
from starlette.requests import Request
from starlette.responses import Response
from tests.cast import ANNA, NOORD, NOW, WEST
from tests.index_town import OWN, PORTAL, a_study
from tests.registries.fhir_stub import DCM, FhirStub
from tests.registries.stub import Entry, served

from beeldpas.domain.errors import Unavailable
from beeldpas.formats.jose import new_key
from beeldpas.portal.registries.fhir import FhirRegistry
from beeldpas.portal.registries.paging import MAX_PAGES
from beeldpas.portal.registries.question import Signer


@pytest.fixture(scope="module")
def running() -> Iterator[FhirStub]:
    with served(FhirStub()) as stub:
        assert isinstance(stub, FhirStub)
        yield stub


@pytest.fixture
async def fhir(running: FhirStub) -> AsyncIterator[tuple[FhirRegistry, FhirStub]]:
    running.reset()
    signer = Signer(PORTAL, KeySet([new_key("portal-1")]), lambda: NOW)
    async with running.client(20.0) as client:
        yield FhirRegistry("register", running.base_url, client, signer, running.directory), running


def _three() -> tuple[Entry, ...]:
    return tuple(Entry(a_study(ANNA.bsn, reports=()), NOORD) for _ in range(3))


async def test_all_pages_are_fetched_each_with_a_question_of_its_own(fhir: tuple[FhirRegistry, FhirStub]) -> None:
    registry, stub = fhir
    stub.entries, stub.page_size = _three(), 2
    answer = await registry.search(ANNA.bsn, OWN)
    assert {one.uid for one in answer.studies} == {one.study.study_uid for one in stub.entries}
    assert (answer.complete, len(stub.sent)) == (True, 3)
    assert len({one.headers["authorization"] for one in stub.sent}) == 3


@pytest.mark.parametrize(
    "link",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://west.localhost:{port}/fhir/pages?from=2",
        "//evil.example/fhir/pages?from=2",
        "http://registry.localhost:{port}@evil.example/fhir",
        "file:///etc/passwd",
        f"/fhir/pages?from=2&patient={ANNA.bsn.reveal()}",
    ],
)
async def test_a_next_page_elsewhere_or_with_the_person_in_its_address_is_not_fetched(
    fhir: tuple[FhirRegistry, FhirStub], link: str
) -> None:
    registry, stub = fhir
    stub.entries = _three()
    address = link.replace("{port}", str(stub.port))
    stub.spoil = lambda page: page.update(link=[{"relation": "next", "url": address}])
    answer = await registry.search(ANNA.bsn, OWN)
    assert (len(answer.studies), answer.complete, len(stub.sent)) == (3, False, 1)


async def test_pages_that_never_end_end(fhir: tuple[FhirRegistry, FhirStub]) -> None:
    registry, stub = fhir
    turn = iter(range(10_000))
    stub.spoil = lambda page: page.update(link=[{"relation": "next", "url": f"/fhir/pages?from=0&n={next(turn)}"}])
    answer = await registry.search(ANNA.bsn, OWN)
    assert (answer.complete, len(stub.sent)) == (False, MAX_PAGES)
    stub.sent.clear()
    stub.spoil = lambda page: page.update(link=[{"relation": "next", "url": "/fhir/pages?from=0"}])
    assert not (await registry.search(ANNA.bsn, OWN)).complete
    assert len(stub.sent) == 2


async def test_a_page_that_fails_is_a_registry_that_fails(fhir: tuple[FhirRegistry, FhirStub]) -> None:
    registry, stub = fhir
    stub.entries, stub.page_size = _three(), 2

    async def busy_later(request: Request) -> Response:
        if request.method == "GET":
            return Response(status_code=503)
        return await stub.answer(request, await request.body())

    stub.mood = busy_later
    with pytest.raises(Unavailable):
        await registry.search(ANNA.bsn, OWN)


async def test_warnings_of_the_registry_are_counted_and_remarks_are_not(fhir: tuple[FhirRegistry, FhirStub]) -> None:
    registry, stub = fhir
    stub.entries = _three()
    issues = [{"severity": one, "code": "incomplete"} for one in ("information", "warning")]
    stub.more.append({"resourceType": "OperationOutcome", "id": "o", "issue": issues})
    answer = await registry.search(ANNA.bsn, OWN)
    assert (len(answer.studies), answer.warnings, answer.unreadable) == (3, 1, 0)


async def test_a_bundle_of_bundles_one_for_each_hospital_is_read(fhir: tuple[FhirRegistry, FhirStub]) -> None:
    registry, stub = fhir
    stub.entries = (Entry(a_study(ANNA.bsn), NOORD), Entry(a_study(ANNA.bsn), WEST))

    def nest(page: dict[str, Any]) -> None:
        entries = page["entry"]
        parts = [
            {"resourceType": "Bundle", "type": "searchset", "entry": part} for part in (entries[:3], entries[3:])
        ]
        page["entry"] = [{"resource": part} for part in parts]

    stub.spoil = nest
    answer = await registry.search(ANNA.bsn, OWN)
    assert ({one.origin.gateway_id for one in answer.studies}, answer.unreadable) == ({"noord", "west"}, 0)
    assert all(one.reports for one in answer.studies)


async def test_shapes_of_r5_under_the_label_r4_are_read(fhir: tuple[FhirRegistry, FhirStub]) -> None:
    registry, stub = fhir
    stub.entries = (Entry(a_study(ANNA.bsn), NOORD),)

    def modernise(page: dict[str, Any]) -> None:
        for one in (each["resource"] for each in page["entry"]):
            if one["resourceType"] == "ImagingStudy":
                one["modality"] = [{"coding": [{"system": DCM, "code": "MR"}]}]
                one["series"][0]["modality"] = {"coding": [{"system": DCM, "code": "MR"}]}
                one["series"][0]["bodySite"] = {"concept": {"coding": [{"display": "Head"}]}}
            elif one["resourceType"] == "DiagnosticReport":
                one["study"] = one.pop("imagingStudy")
            else:
                one["connectionType"] = [{"coding": [one["connectionType"]]}]
                one["payload"] = [{"type": one.pop("payloadType")}]

    stub.spoil = modernise
    answer = await registry.search(ANNA.bsn, OWN)
    (found,) = answer.studies
    assert (found.modalities, found.body_part, len(found.reports)) == (("MR",), "Head", 1)
    assert answer.unreadable == 0
