"""People look at images in a real browser: what is drawn, by which keys, and what they read when it stops."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, TimeoutError, expect
from tests.browser.conftest import CHROMIUM, DRAWING
from tests.browser.people import PHONE, Person, Stage, handed_over, share, sign_in

WAIT = 40_000
pytestmark = pytest.mark.timeout(240)
_DRAWN = """() => {
  const canvas = document.querySelector('#viewer canvas');
  if (!canvas || !canvas.width) return 0;
  const copy = document.createElement('canvas');
  [copy.width, copy.height] = [64, 64];
  const paper = copy.getContext('2d');
  paper.drawImage(canvas, 0, 0, 64, 64);
  return new Set(paper.getImageData(0, 0, 64, 64).data).size;
}"""
_PICTURE = "() => document.querySelector('#viewer canvas').toDataURL()"
_KEPT = "() => JSON.stringify([{...localStorage}, {...sessionStorage}, location.href, document.cookie])"


@pytest.fixture(scope="module")
def stage(demo: str, chromium: Browser, pictures: Path) -> Iterator[Stage]:
    """A browser that draws by software."""
    browser = chromium.browser_type.launch(executable_path=CHROMIUM, args=DRAWING, headless=True)
    stage = Stage(demo, browser, pictures)
    yield stage
    stage.close()
    browser.close()


def drawn(page: Page) -> None:
    """Wait until something is drawn that is not one grey."""
    page.wait_for_function(f"() => ({_DRAWN})() > 8", timeout=WAIT)


def look(person: Person, title: str = "CT-scan van het hoofd") -> Page:
    """Open the viewer from the study's page."""
    sign_in(person)
    person.page.get_by_role("link", name=re.compile(title)).first.click()
    person.page.get_by_role("button", name="Beelden bekijken").click()
    person.page.wait_for_url("**/view/*")
    return person.page


def changes(page: Page, before: str) -> None:
    """Wait until another picture is drawn."""
    page.wait_for_function(f"(before) => ({_PICTURE})() !== before", arg=before, timeout=WAIT)


def test_a_patient_looks_scrolls_and_changes_the_window_by_keyboard(stage: Stage) -> None:
    anna = stage.person("anna-looks", PHONE)
    page = look(anna)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    drawn(page)
    marks = page.locator("#viewer").inner_text()
    assert "Beeld 1 van 200" in marks and all(re.search(rf"^{letter}$", marks, re.MULTILINE) for letter in "RLAP")
    first = page.evaluate(_PICTURE)
    page.locator("#viewer input[type=range]").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#viewer").get_by_text("Beeld 2 van 200").first).to_be_visible(timeout=WAIT)
    page.get_by_label("Weergave").first.select_option(label="Botten")
    changes(page, first)  # the demo's slices are copies of one another; another window is not
    anna.look("viewer-patient-phone")
    assert "eyJ" not in page.evaluate(_KEPT) and not any("eyJ" in url for url in asked)


def test_a_doctor_reads_that_the_share_was_stopped_while_looking(stage: Stage) -> None:
    anna, doctor = stage.person("anna-stops"), stage.person("doctor-looks")
    sign_in(anna)
    address = share(anna, 0)
    link, _, pin, _ = handed_over(anna)
    doctor.page.goto(link)
    doctor.page.get_by_label("Pincode").fill(pin)
    doctor.page.locator("#name").fill("Dr. D. Dekker")
    doctor.page.locator("#organisation").fill("Kliniek De Linde")
    doctor.page.get_by_role("button", name="Openen").click()
    doctor.page.get_by_role("button", name=re.compile("^Bekijken")).first.click()
    doctor.page.wait_for_url("**/provider/view/*")
    drawn(doctor.page)
    assert "Anna Jansen" in doctor.text and "Niet geschikt om een diagnose te stellen" in doctor.text
    doctor.look("viewer-provider")
    anna.page.goto(f"{address}/stop")
    anna.page.get_by_role("main").get_by_role("button").first.click()
    stopped = doctor.page.get_by_text("U kunt niet verder kijken").first
    for _ in range(20):  # the hospital asks for its list each second, and the viewer only for what it has not shown
        for series in ("Reeks 2", "Reeks 1"):
            if not stopped.is_visible():
                doctor.page.get_by_role("button", name=re.compile(series)).first.click()
        with contextlib.suppress(TimeoutError):
            stopped.wait_for(timeout=2_000)
            break
    expect(stopped).to_be_visible()
