"""Small pictures in the list: they come when they are looked at, move nothing, and are not missed where they fail."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from tests.browser.budgets import SHIFT
from tests.browser.people import PHONE, Person, Stage, sign_in

pytestmark = pytest.mark.timeout(240)
WAIT = 40_000
TITLE = "CT-scan van het hoofd"
_PLACES = """() => [...document.querySelectorAll('.small-picture')].map((one) => {
  const box = one.getBoundingClientRect();
  return [Math.round(box.width), Math.round(box.height)];
})"""
_SHOWN = "(one) => one.complete && one.naturalWidth > 32"


@pytest.fixture
def anna(stage: Stage) -> Iterator[Person]:
    """Anna, who wants small pictures, at her list; afterwards she wants none again."""
    anna = stage.person("anna-pictures", PHONE)
    sign_in(anna)
    wish(anna.page, stage.portal, wanted=True)
    yield anna
    wish(anna.page, stage.portal, wanted=False)


def wish(page: Page, portal: str, *, wanted: bool) -> None:
    """Set what is wanted on the settings page."""
    page.goto(f"{portal}/settings")
    page.get_by_label("Kleine beelden tonen").set_checked(wanted)
    page.get_by_role("button", name="Instellingen bewaren").click()
    expect(page.get_by_text("Uw instellingen zijn bewaard")).to_be_visible()


def test_a_picture_comes_from_the_hospital_and_moves_nothing(anna: Person) -> None:
    page, asked = anna.page, []
    page.on("request", lambda request: asked.append((request.url, request.header_value("authorization"))))
    anna.go("/timeline")
    picture = page.locator(".card", has_text=TITLE).first.locator(".small-picture img")
    expect(picture).to_have_attribute("alt", "", timeout=WAIT)
    assert picture.evaluate(_SHOWN)
    hospital = [(url, given) for url, given in asked if "/dicom-web/" in url]
    assert hospital and all(given and given.startswith("Bearer ") for _, given in hospital)
    assert not any("eyJ" in url for url, _ in asked)
    assert len({tuple(size) for size in page.evaluate(_PLACES)}) == 1, "places with and without a picture are alike"
    assert page.evaluate(SHIFT) <= 0.01
    anna.look("timeline-pictures-phone")


def test_only_what_comes_into_sight_is_fetched(anna: Person) -> None:
    page, asked = anna.page, []
    page.on("request", lambda request: "/dicom-web/" in request.url and asked.append(request.url))
    anna.go("/timeline")
    expect(page.locator(".small-picture img").first).to_be_visible(timeout=WAIT)
    places = page.locator(".small-picture[data-study]")
    assert len(asked) < places.count()
    for at in range(places.count()):
        places.nth(at).scroll_into_view_if_needed()
        uid = places.nth(at).get_attribute("data-study")
        if not any(f"/{uid}/" in url for url in asked):
            page.wait_for_event("request", lambda one, uid=uid: f"/{uid}/thumbnail" in one.url, timeout=WAIT)
    assert len(asked) == len(set(asked)) == places.count()


def test_where_names_may_stand_in_the_picture_words_stay(anna: Person) -> None:
    page = anna.page
    with page.expect_response(re.compile("/thumbnail"), timeout=WAIT):
        anna.go("/timeline")
    echo = page.locator(".card", has=page.get_by_role("heading", name="Echo"))
    with page.expect_response(re.compile("/thumbnail"), timeout=WAIT):
        echo.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    expect(echo.locator(".small-picture")).to_have_text("Echo")
    expect(echo.locator(".small-picture img")).to_have_count(0)


def test_a_look_at_the_list_is_one_line_in_the_log(anna: Person) -> None:
    anna.go("/timeline")
    expect(anna.page.locator(".small-picture img").first).to_be_visible(timeout=WAIT)
    anna.go("/log?whose=all")
    lines = anna.page.get_by_role("main").get_by_role("listitem").all_inner_texts()
    since = lines[: next(at for at, line in enumerate(lines) if "veranderde" in line)]
    assert len(since) == 2, "the list, and its small pictures"
    assert "de lijst met kleine beelden van 3 onderzoeken bij Ziekenhuis Zuid" in since[0]


def test_without_scripts_the_places_hold_words(stage: Stage, anna: Person) -> None:
    plain = stage.person(
        "anna-plain", PHONE, java_script_enabled=False, storage_state=anna.page.context.storage_state()
    )
    plain.go("/timeline")
    places = plain.page.locator(".small-picture")
    assert places.count() > 3 and plain.page.locator(".small-picture img").count() == 0
    assert all(text.strip() for text in places.all_inner_texts())
