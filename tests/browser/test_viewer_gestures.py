"""Wheel, mouse, fingers, keys and slider: each of them really does to the picture what it says."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import CDPSession, FloatRect, Page, expect
from tests.browser.people import PHONE, Stage
from tests.browser.viewer_place import BAR, SLICES, ViewerPlace

WAIT = 60_000
pytestmark = pytest.mark.timeout(300)
_PICTURE = "() => document.querySelector('#viewer canvas').toDataURL()"
_GREYS = """() => {
  const canvas = document.querySelector('#viewer canvas');
  const copy = document.createElement('canvas');
  [copy.width, copy.height] = [canvas.width, canvas.height];
  const paper = copy.getContext('2d');
  paper.drawImage(canvas, 0, 0);
  const dots = paper.getImageData(0, 0, copy.width, copy.height).data;
  let sum = 0;
  for (let at = 0; at < dots.length; at += 4) sum += dots[at];
  return sum / (dots.length / 4);
}"""


@pytest.fixture
def page(viewer_stage: Stage, viewer_place: ViewerPlace) -> Iterator[Page]:
    """A radiologist's desk."""
    yield opened(viewer_stage.person("at-a-desk").page, viewer_place.page())


@pytest.fixture
def phone(viewer_stage: Stage, viewer_place: ViewerPlace) -> Iterator[Page]:
    """A patient's phone: no mouse."""
    page = viewer_stage.person("on-a-phone", PHONE, has_touch=True, is_mobile=True).page
    yield opened(page, viewer_place.page(audience="patient"))


def opened(page: Page, address: str) -> Page:
    """The viewer with its first picture."""
    page.goto(address)
    at(page, 1)
    page.wait_for_function(f"() => ({_GREYS})() > 1", timeout=WAIT)
    return page


def at(page: Page, number: int) -> None:
    """Wait until this picture is drawn, by what stands in its corner."""
    expect(page.locator(".viewer-plate").first).to_have_text(f"Beeld {number} van {SLICES}", timeout=WAIT)


def changes(page: Page, act: Callable[[], object], what: str = _PICTURE) -> tuple[Any, Any]:
    """Do something and wait until what is drawn is not what it was; gives both."""
    before = page.evaluate(what)
    act()
    page.wait_for_function(f"(before) => ({what})() !== before", arg=before, timeout=WAIT)
    return before, page.evaluate(what)


def says(page: Page, text: str) -> None:
    """Wait until this is said of the picture."""
    expect(page.locator(".viewer-spoken")).to_contain_text(re.compile(text), timeout=WAIT)


def drawn_range(page: Page) -> tuple[float, float]:
    """Which value is drawn black and which white, read from the bar of the first slice (it ends in white)."""
    content = b64decode(page.evaluate(_PICTURE).partition(",")[2])
    dots = np.asarray(Image.open(BytesIO(content)).convert("L")).astype(float)
    middle, centre = dots.shape[1] / 2, dots.shape[0] / 2
    white = max(np.flatnonzero(row > 250).max(initial=0) for row in dots)
    side = (white + 1 - middle) * 2
    bar = dots[round(centre + (11 - 64) / 128 * side)]
    places = np.arange(round(middle - side / 2), round(middle + side / 2))
    values = np.interp((places + 0.5 - middle + side / 2) / side * 128 - 0.5, np.arange(128), BAR)
    greys = bar[places]
    slope, black = np.polyfit(*(part[(greys > 15) & (greys < 240)] for part in (greys, values)), 1)
    return float(black), float(black + 255 * slope)


def surface(page: Page) -> FloatRect:
    """Where the picture is on the screen."""
    page.locator(".viewer-picture").first.scroll_into_view_if_needed()
    box = page.locator(".viewer-picture").first.bounding_box()
    assert box
    return box


def drag(page: Page, right: float, down: float, button: Any = "left") -> None:
    """Drag from the middle of the picture."""
    box = surface(page)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down(button=button)
    page.mouse.move(x + right, y + down, steps=6)
    page.mouse.up(button=button)


class Fingers:
    """Fingers on the picture of a phone, as the browser itself gets them."""

    def __init__(self, page: Page) -> None:
        self._session: CDPSession = page.context.new_cdp_session(page)
        box = surface(page)
        self._middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def move(self, *ways: tuple[tuple[float, float], tuple[float, float]], steps: int = 6) -> None:
        """Each finger goes from one place to another, counted from the middle of the picture."""
        x, y = self._middle
        for step in range(steps + 1):
            points = [
                {"x": x + a + (c - a) * step / steps, "y": y + b + (d - b) * step / steps, "id": finger}
                for finger, ((a, b), (c, d)) in enumerate(ways)
            ]
            kind = "touchMove" if step else "touchStart"
            self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        self._session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_one_notch_of_the_wheel_is_one_picture(page: Page) -> None:
    box = surface(page)
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    first = page.evaluate(_PICTURE)
    page.mouse.wheel(0, 100)
    at(page, 2)
    assert page.evaluate(_PICTURE) != first
    page.mouse.wheel(0, 100)
    at(page, 3)
    page.mouse.wheel(0, -100)
    at(page, 2)


def test_keys_go_through_the_series(page: Page) -> None:
    page.locator(".viewer-picture").first.focus()
    for key, number in (("ArrowDown", 2), ("ArrowUp", 1), ("PageDown", 11), ("Home", 1), ("End", SLICES)):
        page.keyboard.press(key)
        at(page, number)


def test_the_slider_and_its_buttons_go_through_the_series(page: Page) -> None:
    page.locator("#viewer input[type=range]").first.fill("6")
    at(page, 7)
    page.get_by_role("button", name="Vorig beeld").first.click()
    at(page, 6)


@pytest.mark.parametrize(
    ("name", "key", "lower", "upper"),
    [
        ("Longen", "2", -1350, 150),
        ("Botten", "3", -500, 1300),
        ("Hersenen", "4", 0, 80),
        ("Zachte delen", "5", -160, 240),
    ],
)
def test_a_window_draws_exactly_its_values(page: Page, name: str, key: str, lower: int, upper: int) -> None:
    own = page.evaluate(_GREYS)
    chosen = changes(page, lambda: page.get_by_label("Weergave").first.select_option(label=name), _GREYS)[1]
    says(page, f"Weergave: {name}")
    assert drawn_range(page) == pytest.approx((lower, upper), abs=10)
    page.locator(".viewer-picture").first.focus()
    for pressed, grey in (("1", own), (key, chosen)):
        page.keyboard.press(pressed)
        page.wait_for_function(f"(wanted) => ({_GREYS})() === wanted", arg=grey, timeout=WAIT)


def test_the_right_button_makes_lighter_and_darker(page: Page) -> None:
    darker = changes(page, lambda: drag(page, 0, 80, "right"), _GREYS)
    assert darker[1] < darker[0]
    says(page, "Weergave: Zelf gekozen")
    lighter = changes(page, lambda: drag(page, 0, -160, "right"), _GREYS)
    assert lighter[1] > lighter[0]


def test_the_middle_button_moves_and_control_with_the_wheel_makes_larger(page: Page) -> None:
    changes(page, lambda: drag(page, 60, 20, "middle"))
    box = surface(page)
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    page.keyboard.down("Control")
    changes(page, lambda: page.mouse.wheel(0, -120))
    page.keyboard.up("Control")
    says(page, r"Grootte: 1[1-9]\d procent")


def test_one_finger_scrolls_and_the_page_stays(phone: Page) -> None:
    fingers = Fingers(phone)
    before = phone.evaluate("scrollY")
    fingers.move(((0, -30), (0, 30)))
    at(phone, 6)  # twelve pixels a picture
    fingers.move(((0, 30), (0, -6)))
    at(phone, 3)
    assert phone.evaluate("scrollY") == before


def test_two_fingers_make_larger_and_smaller(phone: Page) -> None:
    changes(phone, lambda: Fingers(phone).move(((-30, 0), (-60, 0)), ((30, 0), (60, 0))))
    says(phone, r"Grootte: (19|20|21)\d procent")
    changes(phone, lambda: Fingers(phone).move(((-60, 0), (-30, 0)), ((60, 0), (30, 0))))
    says(phone, r"Grootte: (9|10)\d procent")
    at(phone, 1)


def test_a_finger_changes_the_window_when_that_is_chosen(phone: Page) -> None:
    phone.get_by_text("Meer knoppen").click()
    phone.get_by_label("Slepen over het beeld").first.select_option("window")
    changes(phone, lambda: Fingers(phone).move(((0, -40), (0, 40))), _GREYS)
    says(phone, "Weergave: Zelf gekozen")
    at(phone, 1)


def test_a_finger_moves_the_picture_when_that_is_chosen(phone: Page) -> None:
    phone.get_by_text("Meer knoppen").click()
    phone.get_by_label("Slepen over het beeld").first.select_option("pan")
    changes(phone, lambda: Fingers(phone).move(((0, 0), (50, 20))))
    at(phone, 1)
