"""Takes the three pictures of the README from a demo that runs: `python -m tests.browser.readme_pictures ADDRESS`."""

from __future__ import annotations

import sys

from playwright.sync_api import Browser, Page, sync_playwright
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.people import DESKTOP, PHONE
from tests.house.tree import ROOT

IMAGES = ROOT / "docs" / "images"
PHONE_HEIGHT = 1240  # three pictures stand beside each other: what is below does not make them better


def window(browser: Browser, portal: str, size: dict[str, int]) -> Page:
    """A browser window of that size at the portal's front door, in English."""
    page = browser.new_context(viewport=size).new_page()  # type: ignore[arg-type]
    page.goto(f"{portal}/en/")
    return page


def picture(page: Page, name: str, height: int) -> None:
    """Keep the top of the page, in a window of that height: what travels along at its lower edge is seen too."""
    width = page.viewport_size["width"] if page.viewport_size else DESKTOP["width"]
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate("document.activeElement?.blur(); scrollTo(0, 0)")
    page.screenshot(path=IMAGES / f"{name}.png")


def patient(page: Page, portal: str) -> tuple[str, str]:
    """Anna shares two examinations; returns the link and the PIN."""
    page.goto(f"{portal}/en/sign-in")
    page.get_by_role("button", name="Anna Jansen").click()
    boxes = page.locator("input[name=study]")
    for nth in (0, 3):
        boxes.nth(nth).check()
    picture(page, "patient-timeline", PHONE_HEIGHT)
    page.get_by_role("button", name="Give access").click()
    page.get_by_label("For whom is it?").fill("Dr D. Dekker, Kliniek De Linde")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Share", exact=True).click()
    page.get_by_text("Show PIN").wait_for()
    picture(page, "patient-share", PHONE_HEIGHT)
    return str(page.locator("#share-link").text_content()), str(page.locator(".pin").text_content())


def provider(page: Page, link: str, pin: str) -> None:
    """Dr Dekker opens them."""
    page.goto(link.replace("/s#", "/en/s#"))
    page.get_by_label("PIN", exact=True).fill(pin)
    page.get_by_label("Name", exact=True).fill("Dr D. Dekker")
    page.get_by_label("Organisation").fill("Kliniek De Linde")
    page.get_by_role("button", name="Open images").last.click()
    page.get_by_role("heading", name="Images of your patient").wait_for()
    picture(page, "provider-overview", 1000)


def main(portal: str) -> None:
    """Take the three."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, headless=True)
        link, pin = patient(window(browser, portal, PHONE), portal)
        provider(window(browser, portal, {**DESKTOP, "width": 1000}), link, pin)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://portal.localhost:8440")
