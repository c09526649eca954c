"""A history that comes in while it is being read: nothing moves by itself, and nothing that was ticked is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from tests.browser.budgets import SHIFT
from tests.browser.people import PHONE
from tests.browser.portal_alone import PortalAlone, portal_alone
from tests.cast import ANNA, NOORD, WEST
from tests.portal_doors import digid_says
from tests.sharing_town import HEAD_CT, MemoryRegistry, previewed, study

from beeldpas.domain.bsn import BSN
from beeldpas.domain.study import DateGiven, Study
from beeldpas.portal.registries.port import RegistryAnswer
from beeldpas.portal.registries.question import Question

pytestmark = pytest.mark.timeout(180)
CARDS, STATUS = "li.card", ".coming [role=status]"
TOP = "() => document.querySelectorAll('li.card')[12].getBoundingClientRect().top"


@dataclass(slots=True)
class SlowRegistry(MemoryRegistry):
    """A registry that answers when the test, which lives in another thread, says so."""

    may_answer: bool = False

    async def search(self, bsn: BSN, question: Question) -> RegistryAnswer:
        while not self.may_answer:  # noqa: ASYNC110  (an event of asyncio belongs to the other thread)
            await asyncio.sleep(0.02)
        return RegistryAnswer(self.studies.get(bsn.reveal(), ()))


@dataclass
class Reading:
    """A portal with a registry that is late."""

    portal: PortalAlone
    late: SlowRegistry

    def opened(self, page: Page) -> None:
        """Sign Anna in; she comes to her list."""
        self.portal.next_is(digid_says(ANNA.bsn.reveal()))
        page.goto(f"{self.portal.address}/sign-in")
        expect(page.locator("h1")).to_have_text("Mijn onderzoeken")


def made(number: int, year: int, at=NOORD) -> Study:
    day = DateGiven(date(year, 1 + number % 12, 3), at.name, True)
    return replace(study(f"{HEAD_CT}.{number}", at), dates=(day,))


@pytest.fixture
def reading(tmp_path: Path) -> Iterator[Reading]:
    """Fifteen examinations at once, and three newer ones of West later."""
    late = SlowRegistry({ANNA.bsn.reveal(): tuple(made(number, 2026, WEST) for number in range(3))}, name="Landelijk")
    with portal_alone(tmp_path, late) as portal:
        at_once = tuple(made(number, 2020) for number in range(20, 35))
        portal.town.registry.studies[ANNA.bsn.reveal()] = at_once
        for one in (*at_once, *late.studies[ANNA.bsn.reveal()]):
            portal.town.hospitals.holds[one.holdings[0].gateway_id][one.uid] = previewed(one.uid)
        yield Reading(portal, late)
        late.may_answer = True


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """A phone with scripts."""
    context = chromium.new_context(viewport=PHONE)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def test_what_comes_while_somebody_reads_moves_nothing_and_is_offered(
    reading: Reading, phone: Page, pictures: Path
) -> None:
    page = phone
    reading.opened(page)
    expect(page.locator(CARDS)).to_have_count(15)
    expect(page.locator(STATUS)).to_have_text("Wij wachten nog op 1 antwoord.")
    page.screenshot(path=pictures / "coming-in-phone.png")
    assert Axe().run(page).violations_count == 0
    page.locator("input[name=study]").nth(12).check()
    page.locator(CARDS).nth(12).scroll_into_view_if_needed()
    before = page.evaluate(TOP)
    reading.late.may_answer = True
    expect(page.locator(STATUS)).to_have_text(
        "Er zijn 3 onderzoeken bij gekomen. Iedereen heeft nu geantwoord. Kies Opnieuw ophalen.", timeout=20_000
    )
    assert page.evaluate(TOP) == before and page.locator(CARDS).count() == 15
    assert page.evaluate(SHIFT) == 0
    expect(page.locator(STATUS)).to_be_in_viewport()
    page.screenshot(path=pictures / "coming-in-news-phone.png")
    chosen = page.locator("input[name=study]:checked").get_attribute("id")
    page.locator(".coming").get_by_role("button", name="Opnieuw ophalen").click()
    expect(page.locator(CARDS)).to_have_count(18)
    expect(page.locator(".coming")).to_have_count(0)
    expect(page.locator(f"#{chosen}")).to_be_checked()
    expect(page.locator(f"#{chosen}")).to_be_in_viewport()
    page.screenshot(path=pictures / "coming-in-shown-phone.png")


def test_a_list_with_nothing_in_it_yet_goes_on_to_the_first_examinations_by_itself(
    reading: Reading, phone: Page, pictures: Path
) -> None:
    reading.portal.town.registry.studies.clear()
    reading.opened(phone)
    expect(phone.locator(CARDS)).to_have_count(0)
    expect(phone.get_by_text("De landelijke lijst heeft nog niet geantwoord.")).to_be_visible()
    phone.screenshot(path=pictures / "coming-in-empty-phone.png")
    reading.late.may_answer = True
    expect(phone.locator(CARDS)).to_have_count(3, timeout=20_000)
    expect(phone.locator("h1")).to_have_text("Mijn onderzoeken")


def test_without_scripts_the_button_shows_what_came_and_keeps_the_ticks(
    reading: Reading, chromium: Browser, pictures: Path
) -> None:
    context = chromium.new_context(viewport=PHONE, java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    reading.opened(page)
    page.locator("input[name=study]").first.check()
    chosen = page.locator("input[name=study]").first.get_attribute("id")
    again = page.locator(".coming").get_by_role("button", name="Opnieuw ophalen")
    again.click()
    expect(page.locator(CARDS)).to_have_count(15)
    expect(page.locator(f"#{chosen}")).to_be_checked()
    reading.late.may_answer = True
    page.wait_for_timeout(1000)
    again.click()
    expect(page.locator(CARDS)).to_have_count(18)
    expect(page.locator(f"#{chosen}")).to_be_checked()
    context.close()
