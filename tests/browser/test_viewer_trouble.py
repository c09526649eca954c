"""What cannot be seen: images that nobody decodes, files that are none, a hospital that goes away and comes back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from tests.browser.people import PHONE, Stage
from tests.browser.viewer_place import HOSTILE, ViewerPlace

WAIT = 60_000
pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def place(viewer_place: ViewerPlace) -> ViewerPlace:
    """The hospital and its viewer."""
    return viewer_place


@pytest.fixture
def stage(viewer_stage: Stage) -> Stage:
    """People before it."""
    return viewer_stage


def looking(stage: Stage, place: ViewerPlace, audience: str = "provider", **options: object) -> Page:
    """The viewer with its first picture."""
    page = stage.person("looks", **options).page  # type: ignore[arg-type]
    page.goto(place.page(audience=audience))
    expect(page.locator(".viewer-plate").first).to_have_text("Beeld 1 van 12", timeout=WAIT)
    return page


def series(page: Page, number: int) -> None:
    """Open a series by its number."""
    page.get_by_role("button", name=re.compile(f"^Reeks {number}\\b")).first.click()


@pytest.mark.parametrize("number", [3, 4])
def test_an_image_that_nobody_decodes_is_said_and_leads_to_the_download(
    stage: Stage, place: ViewerPlace, number: int
) -> None:
    page = looking(stage, place)
    series(page, number)
    trouble = page.locator(".viewer-state[data-state=viewer_unsupported]")
    expect(trouble).to_contain_text("Dit beeld kunnen wij hier niet laten zien", timeout=WAIT)
    expect(trouble.get_by_role("link", name="Naar de download")).to_have_attribute("href", "/back")
    assert page.locator(".viewer-picture").first.is_hidden(), "the picture of another series does not stay under it"
    series(page, 1)
    expect(page.locator(".viewer-plate").first).to_have_text("Beeld 1 van 12", timeout=WAIT)
    expect(trouble).to_have_count(0)


@pytest.mark.parametrize("number", [6, 7])
def test_marks_of_a_workstation_are_named_for_doctors_and_are_no_image(
    stage: Stage, place: ViewerPlace, number: int
) -> None:
    page = looking(stage, place)
    series(page, number)
    expect(page.locator(".viewer-state[data-state=viewer_not_image]")).to_be_visible(timeout=WAIT)


def test_patients_are_told_how_many_files_are_for_computers(stage: Stage, place: ViewerPlace) -> None:
    page = looking(stage, place, "patient", size=PHONE)
    assert page.get_by_role("button", name=re.compile("KO|PR")).count() == 0
    expect(page.get_by_text("Technische bestanden: 2.").first).to_be_visible()


def test_a_hospital_that_goes_away_is_said_and_tried_again(stage: Stage, place: ViewerPlace) -> None:
    page = looking(stage, place)
    place.stop_hospital()
    try:
        series(page, 2)
        trouble = page.locator(".viewer-state[data-state=viewer_hospital_down]")
        expect(trouble).to_contain_text("Ziekenhuis Noord stuurt nu geen beelden", timeout=WAIT)
        expect(trouble.get_by_role("link", name="Naar de download")).to_be_visible()
    finally:
        place.start_hospital()
    trouble.get_by_role("button", name="Probeer opnieuw").click()
    expect(page.locator(".viewer-plate").first).to_have_text("Beeld 1 van 5", timeout=WAIT)
    expect(trouble).to_have_count(0)


def test_every_image_failing_leaves_no_complaint(stage: Stage, place: ViewerPlace) -> None:
    page = stage.person("nobody-comes").page
    page.route("**/frames/**", lambda route: route.abort())
    page.goto(place.page())
    trouble = page.locator(".viewer-state[data-state=viewer_hospital_down]")
    expect(trouble).to_be_visible(timeout=WAIT)
    page.unroute("**/frames/**")
    trouble.get_by_role("button", name="Probeer opnieuw").click()
    expect(page.locator(".viewer-plate").first).to_have_text("Beeld 1 van 12", timeout=WAIT)


def test_a_name_that_is_markup_is_text(stage: Stage, place: ViewerPlace) -> None:
    page = looking(stage, place)
    series(page, 2)
    expect(page.locator(".viewer-heading").first).to_contain_text(HOSTILE, timeout=WAIT)
    assert page.evaluate("window.broken") is None
