"""A history that comes in bit by bit: shown as it is, followed, asked for once, and nobody else's."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.cast import ANNA, BRAM, NOORD, WEST
from tests.integration.doors.test_history import ticked_on
from tests.portal_doors import Doors, Page, Visitor
from tests.sharing_town import BRAMS_CT, CHEST_CR, HEAD_CT, KNEE_MR, MemoryRegistry, previewed, study

from beeldpas.domain.bsn import BSN
from beeldpas.portal.registries.breaker import Breakers
from beeldpas.portal.registries.port import RegistryAnswer
from beeldpas.portal.registries.question import Question
from beeldpas.portal.store.tables import access_log

LATE = f"{HEAD_CT}.5"
WAITS = "De landelijke lijst heeft nog niet geantwoord."


@dataclass(slots=True)
class GatedRegistry(MemoryRegistry):
    """A registry that answers when the test lets it; `left` counts who went away before that."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    left: int = 0

    async def search(self, bsn: BSN, question: Question) -> RegistryAnswer:
        self.asked.append(question)
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.left += 1
            raise
        return RegistryAnswer(self.studies.get(bsn.reveal(), ()))


@pytest.fixture
def gated(doors: Doors) -> GatedRegistry:
    """A second registry with one study of Anna at West, behind a gate."""
    registry = GatedRegistry({ANNA.bsn.reveal(): (study(LATE, WEST),)}, name="Landelijk")
    doors.town.hospitals.holds["west"][LATE] = previewed(LATE)
    settle(doors, registry)
    return registry


def settle(doors: Doors, *more: MemoryRegistry, **house: Any) -> None:
    """Add registries to the portal; it waits ten seconds for each, and a tenth after the first."""
    settings = doors.town.house.settings.model_copy(
        update={"timeline_deadline_seconds": 10.0, "timeline_patience_seconds": 0.1}
    )
    known = doors.town.house.registries
    doors.starlette.state.house = replace(doors.town.house, registries=(*known, *more), settings=settings, **house)


def progress_of(page: Page) -> str:
    """Where a page follows how its history comes in."""
    found = re.search(r'data-progress="([^"]+)"', page.html)
    assert found, page.text
    return found[1].replace("&amp;", "&")


def name_of(page: Page) -> str:
    """How a page calls the history that it shows."""
    return progress_of(page).partition("of=")[2].partition("&")[0]


def events_of(answer: Page) -> list[dict[str, Any]]:
    """What a stream said."""
    return [json.loads(line.removeprefix("data: ")) for line in answer.html.splitlines() if line]


async def follow(visitor: Visitor, page: Page) -> asyncio.Task[Page]:
    """Listen, as the page's script does, until the stream has begun."""
    listening = asyncio.create_task(visitor.get(progress_of(page).removeprefix(visitor.prefix)))
    await asyncio.sleep(0.3)
    assert not listening.done()
    return listening


async def looks(doors: Doors) -> int:
    return len(await doors.town.rows(access_log, access_log.c.kind == "view_timeline"))


async def test_what_came_first_is_shown_and_who_is_late_is_named(doors: Doors, gated: GatedRegistry) -> None:
    page = await (await doors.patient()).get("/timeline")
    assert page.html.count('<li class="card">') == 3
    assert "Nog niet alle ziekenhuizen hebben geantwoord U ziet hier wat er al is." in page.text
    assert WAITS in page.text
    assert "Wij wachten nog op 1 antwoord." in page.marked("coming")
    assert "geeft nu geen antwoord" not in page.text
    assert "connect-src 'self';" in page.headers["content-security-policy"]


async def test_a_list_without_a_study_says_nothing_yet_but_that_it_waits(doors: Doors, gated: GatedRegistry) -> None:
    doors.town.registry.studies.clear()
    anna = await doors.patient()
    asking = asyncio.create_task(anna.get("/timeline"))
    page = await asking
    assert WAITS in page.text and "data-is-empty" in page.html
    assert "Wij vonden" not in page.text
    assert f"/timeline?of={name_of(page)}" in page.html


async def test_the_button_shows_what_came_and_keeps_what_is_ticked_and_asks_nobody_again(
    doors: Doors, gated: GatedRegistry
) -> None:
    anna, before = await doors.patient(), await looks(doors)
    page = await anna.get("/timeline")
    again = {"study": [KNEE_MR], f"hospital.{KNEE_MR}": "west", "show": ""}
    page = await anna.post(f"/timeline?of={name_of(page)}", again)
    assert WAITS in page.text and ticked_on(page) == [KNEE_MR]
    listening = await follow(anna, page)
    gated.gate.set()
    await listening
    page = await anna.post(f"/timeline?of={name_of(page)}", again)
    assert WAITS not in page.text and page.html.count('<li class="card">') == 4
    assert ticked_on(page) == [KNEE_MR]
    assert len(gated.asked) == len(doors.town.registry.asked) == 1
    assert await looks(doors) - before == 1


async def test_the_stream_tells_what_came_and_when_nothing_more_will(doors: Doors, gated: GatedRegistry) -> None:
    anna = await doors.patient()
    page = await anna.get("/timeline")
    listening = await follow(anna, page)
    gated.gate.set()
    answer = await listening
    assert answer.headers["content-type"] == "text/event-stream"
    assert answer.headers["cache-control"] == "no-store"
    first, *_, last = events_of(answer)
    assert first == {
        "line": "Wij wachten nog op 1 antwoord.",
        "of": name_of(page),
        "news": 0,
        "isLast": False,
    }
    assert last["line"] == "Er is 1 onderzoek bij gekomen. Iedereen heeft nu geantwoord. Kies Opnieuw ophalen."
    assert (last["news"], last["isLast"]) == (1, True)
    assert HEAD_CT not in answer.html, "UIDs are personal data"


async def test_neither_following_nor_going_on_by_itself_keeps_anybody_signed_in(
    doors: Doors, gated: GatedRegistry
) -> None:
    anna = await doors.patient()
    page = await anna.get("/timeline")
    doors.town.clock.pass_by(minutes=10)
    listening = await follow(anna, page)
    gated.gate.set()
    await listening
    assert (await anna.get(f"/timeline?of={name_of(page)}&itself")).status == 200
    assert json.loads((await anna.get("/session/left")).html)["seconds"] == 300
    await anna.get("/timeline")
    assert json.loads((await anna.get("/session/left")).html)["seconds"] == 900


async def test_a_stream_ends_with_the_visit_and_says_nothing_more(doors: Doors, gated: GatedRegistry) -> None:
    anna = await doors.patient()
    listening = await follow(anna, await anna.get("/timeline"))
    await anna.post("/sign-out", follow=False)
    answer = await listening
    gated.gate.set()
    assert [event["isLast"] for event in events_of(answer)] == [False]
    assert gated.left == 1, "nobody is asked any more"


async def test_without_a_visit_there_is_nothing_to_follow(doors: Doors, gated: GatedRegistry) -> None:
    anna = await doors.patient()
    path = progress_of(await anna.get("/timeline"))
    doors.town.clock.pass_by(minutes=15)
    for visitor in (anna, doors.visitor(), await doors.provider(), await doors.agent()):
        answer = await visitor.get(path)
        assert (answer.status, answer.content) == (204, b"")


async def test_the_name_of_somebody_elses_history_shows_ones_own(doors: Doors, gated: GatedRegistry) -> None:
    doors.town.registry.studies[BRAM.bsn.reveal()] = (study(BRAMS_CT, NOORD),)
    doors.town.hospitals.holds["noord"][BRAMS_CT] = previewed(BRAMS_CT)
    anna, bram = await doors.patient(), await doors.patient(BRAM)
    annas = name_of(await anna.get("/timeline"))
    page = await bram.get(f"/timeline?of={annas}")
    assert page.html.count('<li class="card">') == 1 and BRAMS_CT in page.html and HEAD_CT not in page.html
    assert name_of(page) != annas
    listening = asyncio.create_task(bram.get(f"/timeline/progress?of={annas}&listed=0"))
    await asyncio.sleep(0.3)
    gated.gate.set()
    assert {event["of"] for event in events_of(await listening)} == {name_of(page)}
    assert len({question.subject for question in gated.asked}) == 2


async def test_a_process_that_knows_of_no_history_begins_one(doors: Doors, gated: GatedRegistry) -> None:
    gated.gate.set()
    anna = await doors.patient()
    answer = await anna.get("/timeline/progress?of=0123456789abcdef&listed=1")
    last = events_of(answer)[-1]
    assert (last["news"], last["isLast"]) == (3, True)
    page = await anna.get(f"/timeline?of={last['of']}")
    assert page.html.count('<li class="card">') == 4 and len(gated.asked) == 1


async def test_few_listen_to_one_history_at_once(doors: Doors, gated: GatedRegistry) -> None:
    anna = await doors.patient()
    page = await anna.get("/timeline")
    listening = [await follow(anna, page) for _ in range(4)]
    assert events_of(await anna.get(progress_of(page))) == []
    gated.gate.set()
    answers = await asyncio.gather(*listening)
    assert all(events_of(one)[-1]["isLast"] for one in answers)


async def test_in_another_language_it_is_gathered_anew_and_the_first_is_let_go(
    doors: Doors, gated: GatedRegistry
) -> None:
    anna = await doors.patient()
    await anna.get("/timeline")
    anna.prefix = "/en"
    assert "The national list has not answered yet." in (await anna.get("/timeline")).text
    assert (len(gated.asked), gated.left) == (2, 1)


async def test_a_source_that_keeps_failing_is_named_at_once_and_asked_again_when_the_patient_wants_it(
    doors: Doors,
) -> None:
    settle(doors, breakers=Breakers(2, 3600.0, lambda: clock["now"]))
    clock = {"now": 0.0}
    anna = await doors.patient()
    doors.town.registry.down = True
    for _ in range(3):
        page = await anna.get("/timeline")
        assert "De landelijke lijst geeft nu geen antwoord" in page.text
    assert len(doors.town.registry.asked) == 2
    doors.town.registry.down = False
    assert 'href="/timeline?again"' in page.html
    clock["now"] = 2.0
    page = await anna.get("/timeline?again")
    assert "geeft nu geen antwoord" not in page.text and page.html.count('<li class="card">') == 3
    await anna.get("/timeline")
    assert len(doors.town.registry.asked) == 4


async def test_an_examinations_own_page_waits_for_nobody_who_does_not_hold_it(
    doors: Doors, gated: GatedRegistry
) -> None:
    anna = await doors.patient()
    links = [urlsplit(link).path for link in (await anna.get("/timeline")).links if "/studies/" in link]
    assert len(links) == 3
    for link in links:
        for path in (link, f"{link}/reports/1", f"{link}/seen"):
            assert (await anna.get(path)).status == 200
    assert not gated.gate.is_set()


async def test_whoever_shares_while_it_comes_in_waits_for_all_of_it(doors: Doors, gated: GatedRegistry) -> None:
    anna = await doors.patient()
    await anna.get("/timeline")
    sharing = asyncio.create_task(anna.get("/share"))
    await asyncio.sleep(0.2)
    assert not sharing.done()
    gated.gate.set()
    page = await sharing
    assert LATE in page.html and CHEST_CR in page.html and len(gated.asked) == 1
