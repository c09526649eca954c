"""The end of a visit in a real browser: warned in time, with scripts and without; nothing left to go back to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.people import DESKTOP, PHONE
from tests.browser.portal_alone import PortalAlone, portal_alone
from tests.cast import ANNA, BRAM
from tests.portal_doors import digid_says

pytestmark = pytest.mark.timeout(120)
STUDY = "CT"
FOR_NOOR = {
    "sub": "n",
    "iss": "https://bvd.example",
    "bsn": ANNA.bsn.reveal(),
    "relation": "parent",
    "birthdate": "2018-05-03",
    "given_name": "Noor",
}


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalAlone]:
    with portal_alone(tmp_path_factory.mktemp("portal")) as running:
        yield running


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def scripts(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def anna(portal: PortalAlone, chromium: Browser) -> Iterator[Page]:
    """Anna, signed in, on her phone."""
    yield from visitor(portal, chromium, scripts=True)


def visitor(portal: PortalAlone, chromium: Browser, *, scripts: bool, bsn: str = ANNA.bsn.reveal()) -> Iterator[Page]:
    context = chromium.new_context(viewport=PHONE, java_script_enabled=scripts)  # type: ignore[arg-type]
    page = context.new_page()
    portal.next_is(digid_says(ANNA.bsn.reveal()))
    page.goto(f"{portal.address}/sign-in")
    if "/share/" in page.url:  # an earlier visit left a share half-way, which signing out forgets
        page.get_by_role("button", name="Uitloggen").last.click()
        portal.next_is(digid_says(ANNA.bsn.reveal()))
        page.goto(f"{portal.address}/sign-in")
    expect(page.locator("h1")).to_have_text("Mijn onderzoeken")
    yield page
    context.close()


def test_after_signing_out_the_back_button_shows_nothing(
    portal: PortalAlone, chromium: Browser, scripts: bool
) -> None:
    for page in visitor(portal, chromium, scripts=scripts):
        page.get_by_role("link", name="CT-scan").first.click()
        page.get_by_role("navigation").get_by_role("link", name="Mijn onderzoeken").click()
        page.get_by_role("button", name="Uitloggen").last.click()
        expect(page.locator("h1")).to_have_text("U bent uitgelogd")
        for _ in range(3):
            page.go_back()
            expect(page.locator("h1")).not_to_have_text("Mijn onderzoeken")
            assert "CT-scan" not in page.content()


def test_the_dialog_comes_in_time_and_its_button_keeps_what_was_typed(
    portal: PortalAlone, anna: Page, pictures: Path
) -> None:
    page = anna
    page.locator("input[name=study]").first.check()
    page.clock.install()
    page.get_by_role("button", name="Toegang geven").click()
    page.get_by_label("Voor wie is het?").fill("Dr. D. Dekker")
    page.clock.fast_forward("12:59")
    expect(page.get_by_role("dialog")).to_be_hidden()
    portal.clock.pass_by(minutes=13)
    page.clock.fast_forward("00:02")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.get_by_role("heading", name="U wordt over 2 minuten uitgelogd")).to_be_visible()
    page.screenshot(path=pictures / "visit-dialog-phone.png")
    assert page.evaluate("document.activeElement.innerText") == "Ingelogd blijven"
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_label("Voor wie is het?")).to_have_value("Dr. D. Dekker")
    portal.clock.pass_by(minutes=14)
    page.get_by_role("button", name="Verder").click()
    expect(page.locator("h1")).to_have_text("Controleer wat u deelt")


def test_a_page_left_alone_shows_nothing_any_more(portal: PortalAlone, anna: Page) -> None:
    page = anna
    page.clock.install()
    page.goto(f"{portal.address}/shares")
    portal.clock.pass_by(minutes=15)
    page.clock.fast_forward("15:01")
    expect(page.locator("h1")).to_have_text("U bent uitgelogd")
    expect(page.get_by_text("Was u bezig met delen?")).to_be_visible()
    page.go_back()
    expect(page.locator("h1")).not_to_have_text("Mijn toegang")


def test_without_scripts_the_frame_warns_and_what_was_typed_stays(
    portal: PortalAlone, chromium: Browser, pictures: Path
) -> None:
    for page in visitor(portal, chromium, scripts=False):
        page.locator("input[name=study]").first.check()
        page.get_by_role("button", name="Toegang geven").click()
        page.get_by_label("Voor wie is het?").fill("Dr. D. Dekker")
        frame = page.frame_locator("iframe.clock")
        expect(frame.get_by_text("Doet u niets, dan loggen wij u uit om")).to_be_visible()
        page.screenshot(path=pictures / "visit-frame-phone.png")
        portal.clock.pass_by(minutes=14)
        clock = next(one for one in page.frames if one.url.endswith("/session/clock"))
        clock.goto(clock.url)  # what the frame does by itself after thirteen minutes
        expect(frame.get_by_text("loggen wij u uit.")).to_be_visible()
        page.screenshot(path=pictures / "visit-frame-warning-phone.png")
        frame.get_by_role("button", name="Ingelogd blijven").click()
        expect(frame.get_by_text("Doet u niets, dan loggen wij u uit om")).to_be_visible()
        expect(page.get_by_label("Voor wie is het?")).to_have_value("Dr. D. Dekker")
        portal.clock.pass_by(minutes=14)
        page.get_by_role("button", name="Verder").click()
        expect(page.locator("h1")).to_have_text("Controleer wat u deelt")


@pytest.mark.parametrize(("size", "name"), [(PHONE, "phone"), (DESKTOP, "desktop")])
def test_for_whom_somebody_looks_is_seen_on_every_page(
    portal: PortalAlone, chromium: Browser, pictures: Path, size: dict[str, int], name: str
) -> None:
    context = chromium.new_context(viewport=size)  # type: ignore[arg-type]
    page = context.new_page()
    portal.next_is(digid_says(BRAM.bsn.reveal(), represents=FOR_NOOR))
    page.goto(f"{portal.address}/sign-in")
    page.locator("input[name=study]").first.check()
    page.screenshot(path=pictures / f"visit-child-timeline-{name}.png", full_page=True)
    page.get_by_role("button", name="Toegang geven").click()
    page.get_by_label("Voor wie is het?").fill("Dr. D. Dekker")
    page.get_by_role("button", name="Verder").click()
    expect(page.locator("h1")).to_have_text("Controleer wat u deelt")
    page.screenshot(path=pictures / f"visit-child-check-{name}.png", full_page=True)
    page.get_by_role("button", name="Toegang geven").click()
    page.screenshot(path=pictures / f"visit-child-code-{name}.png", full_page=True)
    for path in ("/shares", "/log", "/shares/no-such-share"):
        page.goto(portal.address + path)
        expect(page.get_by_text("U kijkt voor uw kind: Noor, geboren in mei 2018")).to_be_visible()
        page.screenshot(path=pictures / f"visit-child{path.replace('/', '-')}-{name}.png", full_page=True)
    page.get_by_role("button", name="Stoppen en uitloggen").click()
    expect(page.locator("h1")).to_have_text("U bent uitgelogd")
    portal.next_is(digid_says(BRAM.bsn.reveal(), represents={**FOR_NOOR, "birthdate": "2013-05-03"}))
    page.goto(f"{portal.address}/sign-in")
    expect(page.locator("h1")).to_have_text("U kunt dit niet voor uw kind bekijken")
    page.screenshot(path=pictures / f"visit-refused-{name}.png", full_page=True)
    context.close()
