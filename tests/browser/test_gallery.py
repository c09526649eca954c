"""A picture of every page that people look at: narrow, dark, in English, on paper; none scrolls sideways."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page
from tests.browser.people import DESKTOP, PHONE, Person, Stage, handed_over

pytestmark = pytest.mark.timeout(300)
NARROW = {"width": 320, "height": 640}
LOOKS: list[tuple[str, dict[str, int], dict[str, Any]]] = [
    ("narrow", NARROW, {}),
    ("dark", PHONE, {"color_scheme": "dark"}),
    ("contrast", PHONE, {"forced_colors": "active", "reduced_motion": "reduce"}),
    ("wide", DESKTOP, {}),
]


def enter(page: Page, portal: str, link: str, person: str) -> None:
    """Go through a sign-in in English."""
    page.goto(portal + link)
    page.get_by_role("button", name=person).click()


def patients_pages(anna: Person, look: str) -> tuple[str, str, str]:
    """Look at every patient's page; returns link, PIN and reference of a share made on the way."""
    page = anna.page
    anna.go("/en/")
    anna.look(f"{look}-start")
    enter(page, anna.portal, "/en/sign-in", "Anna Jansen")
    assert anna.title == "My examinations"
    anna.look(f"{look}-timeline")
    page.locator("input[name=study]").nth(3).check()
    page.get_by_role("button", name="Give access").click()
    page.get_by_role("button", name="Go on").click()
    anna.look(f"{look}-terms-error")
    page.get_by_label("For whom is it?").fill("Dr D. Dekker, Kliniek De Linde")
    page.get_by_role("button", name="Go on").click()
    anna.look(f"{look}-check")
    page.get_by_role("button", name="Share", exact=True).click()
    page.get_by_text("Show PIN").click()
    anna.look(f"{look}-code")
    link, _, pin, reference = handed_over(anna)
    for path in (
        "/en/shares",
        "/en/log?whose=all",
        "/en/notices",
        "/en/help",
        "/en/privacy",
        "/en/ict",
        "/en/no-such-page",
    ):
        anna.go(path)
        anna.look(look + path.removeprefix("/en").partition("?")[0].replace("/", "-"))
    return link, pin, reference


def providers_pages(doctor: Person, look: str, link: str, pin: str) -> None:
    """Look at the link page with its mistakes, and at the overview."""
    page = doctor.page
    doctor.go("/en/s")
    page.get_by_role("button", name="Open images").last.click()
    doctor.look(f"{look}-link-error")
    doctor.go("/en/s" + link[link.index("#") :])
    assert page.get_by_text("Fill in the access code").count() == 0, "the link has just answered that"
    page.get_by_label("PIN", exact=True).fill(pin)
    page.get_by_label("Name", exact=True).fill("Dr D. Dekker")
    page.get_by_label("Organisation").fill("Kliniek De Linde")
    doctor.look(f"{look}-link")
    page.get_by_role("button", name="Open images").last.click()
    assert doctor.title == "Images of your patient"
    doctor.look(f"{look}-overview")


def helpdesk_pages(fatima: Person, look: str, reference: str) -> None:
    """Look at what an agent sees."""
    page = fatima.page
    enter(page, fatima.portal, "/en/helpdesk/sign-in", "Fatima")
    fatima.look(f"{look}-helpdesk")
    page.get_by_label("Reference").fill(reference)
    page.get_by_role("button", name="Find share").click()
    fatima.look(f"{look}-helpdesk-share")
    page.get_by_role("link", name="Stop sharing").click()
    fatima.look(f"{look}-helpdesk-stop")
    page.get_by_role("link", name="Pause").click()
    fatima.look(f"{look}-helpdesk-pause")
    for path in ("everything", "many"):
        fatima.go(f"/en/helpdesk/{path}")
        fatima.look(f"{look}-helpdesk-{path}")


def security_pages(samir: Person, look: str) -> None:
    """Look at what a security officer sees."""
    enter(samir.page, samir.portal, "/en/helpdesk/sign-in", "Samir")
    samir.look(f"{look}-security")
    samir.page.get_by_role("link", name="Take a copy of the log").click()
    samir.look(f"{look}-security-log")
    samir.page.get_by_label("From").fill("yesterday")
    samir.page.get_by_role("button", name="Download the table").click()
    samir.look(f"{look}-security-log-error")


@pytest.mark.parametrize(("look", "size", "options"), LOOKS, ids=[look for look, *_ in LOOKS])
def test_every_page_fits_and_is_kept_as_a_picture(
    stage: Stage, look: str, size: dict[str, int], options: dict[str, Any]
) -> None:
    link, pin, reference = patients_pages(stage.person("anna", size, **options), look)
    providers_pages(stage.person("dekker", size, **options), look, link, pin)
    helpdesk_pages(stage.person("fatima", size, **options), look, reference)
    security_pages(stage.person("samir", size, **options), look)


def test_a_large_letter_changes_the_lines_and_hides_nothing(stage: Stage) -> None:
    anna = stage.person("anna", {"width": 320, "height": 256})  # 1280 px at 400 %
    anna.go("/")
    anna.look("zoomed-start")
    anna.go("/s")
    anna.look("zoomed-link")
