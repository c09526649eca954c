"""A mail scanner with a whole browser: it runs scripts, presses every button, and fills in every field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser
from tests.portal_program import Portal, apart, open_portal
from tests.sharing_town import Town

from beeldpas.database.engine import open_engine
from beeldpas.portal.actions.made_share import MadeShare
from beeldpas.portal.link import seal_link
from beeldpas.portal.store.tables import access_log, issued_grant, share

_FILL = """(what) => { for (const field of document.querySelectorAll('input:not([type=hidden]), textarea')) {
  if (!field.value && what) field.value = what; } }"""
_BUTTONS = "form button, form input[type=submit]"


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with open_portal(tmp_path_factory.mktemp("portal")) as found:
        yield found


class Desk:
    """What only the portal itself can see and do, on a connection of its own."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def town(self) -> Town:
        """The portal's town for one use; its engine belongs to one event loop."""
        house = self._portal.town.house
        return replace(self._portal.town, house=replace(house, engine=open_engine(str(house.engine.url))))

    def share(self) -> MadeShare:
        async def make() -> MadeShare:
            town = self.town()
            made = await town.share(await town.patient())
            await town.house.engine.dispose()
            return made

        return apart(make())

    def state(self, share_id: str) -> tuple[int, str | None, int, int]:
        """Attempts spent, the organisation that the share is bound to, grants, and entries about opening it."""

        async def look() -> tuple[int, str | None, int, int]:
            town = self.town()
            (row,) = await town.rows(share, share.c.share_id == share_id)
            granted = await town.rows(issued_grant, issued_grant.c.share_id == share_id)
            told = await town.rows(access_log, access_log.c.share_id == share_id, access_log.c.kind == "redeem_share")
            await town.house.engine.dispose()
            return row.attempts_spent, row.organisation_key, len(granted), len(told)

        return apart(look())


def scan(browser: Browser, link: str, typed: str) -> int:
    """Open the link and press every button that is there, each on a page of its own; returns how many."""
    count, number = 1, 0
    while number < count:
        context = browser.new_context()
        context.set_default_timeout(20_000)
        context.route("https://*.example/**", lambda route: route.abort())
        page = context.new_page()
        page.goto(link)
        page.wait_for_load_state("networkidle")
        count = page.locator(_BUTTONS).count()
        page.evaluate(_FILL, typed)
        with page.expect_request(lambda one: one.method == "POST") as sent:
            page.locator(_BUTTONS).nth(number).evaluate("(button) => { setTimeout(() => button.click(), 0); }")
        assert sent.value.response() is not None
        context.close()
        number += 1
    return count


@pytest.mark.parametrize("typed", ["", "preview", "https://scanner.example/"])
def test_a_bot_that_runs_scripts_and_presses_everything_leaves_the_share_unused(
    portal: Portal, chromium: Browser, typed: str
) -> None:
    desk = Desk(portal)
    made = desk.share()
    pressed = scan(chromium, seal_link(portal.town.house.secrets, portal.url, made.code), typed)
    assert pressed >= 2
    assert desk.state(made.share_id) == (0, None, 0, 0)


def test_a_bot_that_makes_up_a_pin_spends_one_attempt_for_each_press_and_opens_nothing(
    portal: Portal, chromium: Browser
) -> None:
    desk = Desk(portal)
    made = desk.share()
    guess = f"{(int(made.pin.reveal()) + 1) % 10**6:06d}"
    pressed = scan(chromium, seal_link(portal.town.house.secrets, portal.url, made.code), guess)
    spent, organisation, grants, _ = desk.state(made.share_id)
    assert 0 < spent <= pressed
    assert (organisation, grants) == (None, 0)


def test_loading_the_link_ten_times_sends_the_code_to_nobody(portal: Portal, chromium: Browser) -> None:
    made = Desk(portal).share()
    page = chromium.new_context().new_page()
    sent: list[str] = []
    page.on("request", lambda one: sent.append(f"{one.url} {one.headers} {one.post_data}"))
    for _ in range(10):
        page.goto(seal_link(portal.town.house.secrets, portal.url, made.code))
        page.wait_for_load_state("networkidle")
    page.context.close()
    assert len(sent) >= 10
    assert made.code.reveal() not in str(sent)
