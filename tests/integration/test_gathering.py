"""One history from a real registry and three hospitals over real HTTP, whatever the hospitals do."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from tests import previewing
from tests.cast import NOORD, WEST
from tests.index_town import OWN, PORTAL, Town, a_study, registry_town, somebody
from tests.previewing import House, Manner
from tests.running import running

from beeldpas.demo.processes import free_ports
from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import NotFound, Unavailable
from beeldpas.domain.timeline import Timeline
from beeldpas.formats.fhir.publication import PublishedStudy
from beeldpas.portal.directory import Directory
from beeldpas.portal.registries.breaker import Breakers
from beeldpas.portal.registries.fhir import FhirRegistry
from beeldpas.portal.registries.gather import Gathering, Inquiry, Sources, gather_timeline
from beeldpas.portal.registries.preview import Gateways
from beeldpas.portal.registries.question import Signer
from beeldpas.web.outbound import open_client

DEADLINE_S = 1.0
BAD_MANNERS = {
    previewing.hanging: "late",
    previewing.trickling: "late",
    previewing.in_html: "failed",
    previewing.broken: "failed",
    previewing.huge: "failed",
    previewing.bomb: "failed",
    previewing.elsewhere: "failed",
    previewing.of_somebody_else: "failed",
    previewing.for_another: "failed",
    previewing.too_old: "failed",
    previewing.of_another_kind: "failed",
    previewing.with_nonsense: "failed",
}


@dataclass(slots=True)
class Country:
    """A registry, three hospitals, and the portal's view of them."""

    town: Town
    houses: dict[str, House]
    registry: FhirRegistry
    gateways: Gateways

    async def register(self, gateway_id: str, study: PublishedStudy) -> PublishedStudy:
        assert (await self.town.publish(gateway_id, study)).status_code == 200
        house = self.houses[gateway_id]
        house.held = {**house.held, study.study_uid: study}
        return study

    async def timeline(self, bsn: BSN, *registries: FhirRegistry) -> Timeline:
        asked = registries or (self.registry,)
        return await gather_timeline(asked, self.gateways, self.gateways.directory, bsn, OWN, "nl", DEADLINE_S)

    def gathering(
        self, deadline_s: float, *registries: FhirRegistry, bsn: BSN, breakers: Breakers | None = None
    ) -> Gathering:
        """A history that has not begun to come together yet."""
        sources = Sources(registries, self.gateways, self.gateways.directory, breakers or Breakers())
        return Gathering(sources, Inquiry(bsn, OWN, "nl", deadline_s))


@pytest.fixture(scope="module")
def places(new_database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, dict[str, House]]]:
    addresses = {name: f"http://{name}.localhost:{free_ports(1)[0]}" for name in ("noord", "west", "zuid")}
    folder = tmp_path_factory.mktemp("town")
    with ExitStack() as stack:
        town = stack.enter_context(registry_town(new_database("sqlite"), folder, addresses))
        houses = {
            name: House(address, town.keys[name], town.keys["portal"], town.clock)
            for name, address in addresses.items()
        }
        for house in houses.values():
            stack.enter_context(running(house.app(), port=int(house.address.rpartition(":")[2])))
        yield town, houses


@pytest.fixture
async def country(places: tuple[Town, dict[str, House]]):
    town, houses = places
    directory = Directory.load(town.hospitals_file)
    signer = Signer(PORTAL, town.keys["portal"], town.clock)
    to_registry = open_client(hosts=[town.base_url])
    to_hospitals = open_client(hosts=[one.base_url for one in directory.hospitals])
    async with to_registry, to_hospitals:
        registry = FhirRegistry("register", town.base_url, to_registry, signer, directory)
        yield Country(town, houses, registry, Gateways.load(directory, to_hospitals, signer))
    for house in houses.values():
        house.manner = None
        house.asked.clear()


async def test_a_history_comes_together_from_the_registry_and_is_confirmed_by_the_hospitals(country: Country) -> None:
    anna = somebody()
    noord = await country.register("noord", a_study(anna))
    west = await country.register("west", a_study(anna, started=None, description="MR knie"))
    timeline = await country.timeline(anna)
    assert [study.uid for study in timeline.studies] == [noord.study_uid, west.study_uid]
    first = timeline.studies[0]
    assert (first.origin.hospital, first.origin.confirmed) == (NOORD.name, True)
    assert (first.instances, first.origin.size_bytes) == (120, 120_000)
    assert [(report.title, report.status) for report in first.reports] == [("Verslag CT", "final")]
    assert first.series[0].body_part == "CHEST"
    assert not timeline.missing


async def test_the_hospital_hears_who_asks_and_why(country: Country) -> None:
    anna = somebody()
    await country.register("noord", a_study(anna))
    await country.timeline(anna)
    (asked,) = country.houses["noord"].asked
    assert (asked.question, asked.issuer) == (OWN, PORTAL)


@pytest.mark.parametrize(("manner", "state"), BAD_MANNERS.items(), ids=lambda one: getattr(one, "__name__", one))
async def test_a_hospital_that_misbehaves_is_named_and_its_studies_stay_unconfirmed(
    country: Country, manner: Manner, state: str
) -> None:
    anna = somebody()
    noord = await country.register("noord", a_study(anna))
    west = await country.register("west", a_study(anna))
    country.houses["west"].manner = manner
    began = time.monotonic()
    timeline = await country.timeline(anna)
    assert time.monotonic() - began < 3 * DEADLINE_S + 1
    assert [(one.name, one.hospital, one.state) for one in timeline.missing] == [("west", WEST.name, state)]
    confirmed = {study.uid: study.origin.confirmed for study in timeline.studies}
    assert confirmed == {noord.study_uid: True, west.study_uid: False}


async def test_a_study_that_two_hospitals_hold_is_shown_once_the_origin_first(country: Country) -> None:
    anna = somebody()
    made = await country.register("west", a_study(anna))
    await country.register("noord", replace(made, origin=False))
    (study,) = (await country.timeline(anna)).studies
    assert study.origin.gateway_id == "west"
    assert [holding.gateway_id for holding in study.holdings] == ["west", "noord"]
    country.houses["west"].manner = previewing.hanging
    (study,) = (await country.timeline(anna)).studies
    assert {holding.gateway_id: holding.confirmed for holding in study.holdings} == {"noord": True, "west": False}


async def test_a_hospital_that_no_longer_holds_a_study_takes_it_off_the_timeline(country: Country) -> None:
    anna = somebody()
    study = await country.register("noord", a_study(anna))
    house = country.houses["noord"]
    house.held = {uid: one for uid, one in house.held.items() if uid != study.study_uid}
    timeline = await country.timeline(anna)
    assert timeline.studies == ()
    assert not timeline.missing


async def test_nobody_is_asked_about_a_person_without_studies(country: Country) -> None:
    timeline = await country.timeline(somebody())
    assert timeline.studies == ()
    assert [(one.name, one.state) for one in timeline.sources] == [("register", "answered")]


@contextmanager
def another_registry(country: Country, answer: Callable[[Request], Awaitable[Response]]) -> Iterator[str]:
    """A second registry, on a server of its own that answers so; gives its address."""
    with running(Starlette(routes=[Route("/{path:path}", answer, methods=["POST"])])) as port:
        yield f"http://other.localhost:{port}"


async def hangs(request: Request) -> Response:
    await asyncio.sleep(3600)
    return Response()


async def goes_on_and_on(request: Request) -> Response:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"e" * 1_000_000
            await asyncio.sleep(0)

    return StreamingResponse(endless())


async def test_neither_a_registry_nor_a_hospital_that_hangs_keeps_the_others_from_the_list(country: Country) -> None:
    anna, west = somebody(), country.houses["west"]
    noord = await country.register("noord", a_study(anna))
    wests = await country.register("west", a_study(anna))
    west.manner = previewing.hanging
    with another_registry(country, hangs) as address:
        async with open_client(hosts=[address]) as client:
            other = replace(country.registry, name="other", base_url=address, client=client)
            gathering = country.gathering(60.0, country.registry, other, bsn=anna)
            task = asyncio.create_task(gathering.run())
            while not any(study.origin.confirmed for study in gathering.timeline().studies):
                await gathering.wait_for_more(gathering.version)
            timeline = gathering.timeline()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    confirmed = {study.uid: study.origin.confirmed for study in timeline.studies}
    assert confirmed == {noord.study_uid: True, wests.study_uid: False}
    assert [(one.name, one.hospital) for one in timeline.asked] == [("other", ""), ("west", WEST.name)]


async def test_a_registry_that_sends_more_than_its_limit_is_named_and_not_left_alone_for_it(country: Country) -> None:
    anna, breakers = somebody(), Breakers(most=1)
    noord = await country.register("noord", a_study(anna))
    with another_registry(country, goes_on_and_on) as address:
        async with open_client(hosts=[address]) as client:
            other = replace(country.registry, name="other", base_url=address, client=client)
            gathering = country.gathering(30.0, country.registry, other, bsn=anna, breakers=breakers)
            await gathering.run()
    timeline = gathering.timeline()
    assert [study.uid for study in timeline.studies] == [noord.study_uid]
    assert [(one.name, one.state) for one in timeline.missing] == [("other", "failed")]
    assert not breakers.of("registry other").is_open


async def test_a_registry_that_hangs_is_waited_for_a_few_times_and_then_no_more(country: Country) -> None:
    anna, breakers = somebody(), Breakers(most=2, pause_s=3600.0)
    await country.register("noord", a_study(anna))
    asked: list[str] = []

    async def hangs_noted(request: Request) -> Response:
        asked.append(request.method)
        return await hangs(request)

    with another_registry(country, hangs_noted) as address:
        async with open_client(hosts=[address]) as client:
            other = replace(country.registry, name="other", base_url=address, client=client)
            states = []
            for _ in range(4):
                gathering = country.gathering(0.5, country.registry, other, bsn=anna, breakers=breakers)
                await gathering.run()
                states += [(one.name, one.state, one.detail) for one in gathering.timeline().missing]
    assert states == [("other", "late", "late")] * 2 + [("other", "failed", "left_alone")] * 2
    assert len(asked) == 2


async def test_a_preview_of_an_unknown_hospital_is_not_asked_for(country: Country) -> None:
    with pytest.raises(NotFound):
        await country.gateways.preview("oost", ["1.2.3"], "nl", OWN)


async def test_a_preview_says_what_is_missing(country: Country) -> None:
    study = await country.register("zuid", a_study(somebody()))
    preview = await country.gateways.preview("zuid", [study.study_uid, "1.2.3"], "nl", OWN)
    assert [one.uid for one in preview.studies] == [study.study_uid]
    assert preview.missing == {"1.2.3"}
    assert preview.studies[0].identity.patient_id == "77"


async def test_a_preview_that_fails_names_the_hospital(country: Country) -> None:
    country.houses["zuid"].manner = previewing.broken
    with pytest.raises(Unavailable) as failed:
        await country.gateways.preview("zuid", ["1.2.3"], "nl", OWN)
    assert (failed.value.source, failed.value.retryable) == ("zuid", True)
