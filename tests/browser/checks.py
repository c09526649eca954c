"""What is true of every page, state and direction of writing: each check returns what is wrong, in words.

*Source:* WCAG 2.2 at level AA; people.md §5.6 (the order), §5.1 (summary of errors). This is evidence, not an
audit: a machine sees about a third of what the criteria ask for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from tests.browser import measures
from tests.browser.scene import Scene, says
from tests.browser.steps import Look

from beeldpas.portal.words.catalogue import DEFAULT_LANGUAGE

Check = Callable[[Page, Scene, Look], list[str]]
_NARROW = {"width": 320, "height": 640}
_ZOOMED = {"width": 320, "height": 256}  # 1280 by 1024 at 400 %
_MOST_TABS, _MOST_LOOKS = 400, 100
_PATIENTS, _EVERYBODY = 44, 24


def axe(page: Page, scene: Scene, _stop: Look) -> list[str]:
    """axe-core with all its rules; once, in Dutch, the contrast in dark too."""
    found = _axe(page, {"resultTypes": ["violations"]})
    if scene.language != DEFAULT_LANGUAGE:
        return found
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")  # colours that change slowly are half-way
    only = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}
    found += [f"dark: {one}" for one in _axe(page, only)]
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    return found


def _axe(page: Page, options: dict[str, Any]) -> list[str]:
    violations = Axe().run(page, options=options).response["violations"]
    return [f"{one['id']}: {node['target'][0]}" for one in violations for node in one["nodes"]]


def keyboard(page: Page, _scene: Scene, _stop: Look) -> list[str]:
    """Tab comes to every control once, and where the focus is shows and is not covered."""
    if not page.evaluate(measures.REACHABLE):
        return []
    faults = []
    for _ in range(_MOST_TABS):
        page.keyboard.press("Tab")
        now = page.evaluate(measures.FOCUSED)
        if now["again"]:
            break
        if now["fault"]:
            faults.append(now["fault"])
    return faults + page.evaluate(measures.MISSED)


def narrow(page: Page, _scene: Scene, _stop: Look) -> list[str]:
    """320 CSS pixels wide: nothing scrolls sideways."""
    return _at(page, _NARROW, measures.SIDEWAYS)


def zoomed(page: Page, _scene: Scene, _stop: Look) -> list[str]:
    """400 %: the same in a window that is 256 pixels high."""
    return _at(page, _ZOOMED, measures.SIDEWAYS)


def spacing(page: Page, _scene: Scene, _stop: Look) -> list[str]:
    """With the distances of criterion 1.4.12 nothing is cut off, on a phone too."""
    page.evaluate(
        "(text) => { const sheet = new CSSStyleSheet(); sheet.replaceSync(text); "
        "window.sheets = [...document.adoptedStyleSheets]; "  # a copy: the list itself is the one that changes
        "document.adoptedStyleSheets = [...window.sheets, sheet]; }",
        measures.SPACING,
    )
    found = [*page.evaluate(measures.CUT_OFF), *_at(page, _NARROW, measures.SIDEWAYS)]
    page.evaluate("document.adoptedStyleSheets = window.sheets")
    return found


def motion(page: Page, _scene: Scene, _stop: Look) -> list[str]:
    """Nothing moves for whoever asked for less of it."""
    page.emulate_media(reduced_motion="reduce")
    found: list[str] = page.evaluate(measures.MOVING)
    page.emulate_media(reduced_motion="no-preference")
    return found


def forced_colours(page: Page, _scene: Scene, _stop: Look) -> list[str]:
    """Buttons and fields keep an edge when the colours are the reader's own."""
    page.emulate_media(forced_colors="active")
    found: list[str] = page.evaluate(measures.EDGELESS)
    page.emulate_media(forced_colors="none")
    return found


def targets(page: Page, scene: Scene, _stop: Look) -> list[str]:
    """What is pressed is 24 pixels high and wide, 44 high for patients."""
    least = _PATIENTS if scene.door == "patient" else _EVERYBODY
    found: list[str] = page.evaluate(measures.TARGETS, least)
    return found


def errors(page: Page, _scene: Scene, stop: Look) -> list[str] | None:
    """A form that came back tells what is wrong on top, with a link to each field, and takes the focus there."""
    if not stop.errors:
        return None
    page.evaluate(measures.DRAWN_TWICE)  # a page gives the focus away when it is first drawn
    found: list[str] = page.evaluate(measures.SUMMARY)
    return found


def session(page: Page, _scene: Scene, stop: Look) -> list[str] | None:
    """Whoever is signed in is warned before the end: the page carries the dialog, and a frame for no scripts."""
    if stop.title.startswith("state.") or not page.locator("header form button").count():
        return None  # a page that only says what happened has nothing to lose
    dialog = page.locator("dialog[data-session]").count()
    frame = (
        "iframe" in (page.locator("noscript").first.text_content() or "") if page.locator("noscript").count() else 0
    )
    return [] if dialog and frame else ["no warning before the end of the session"]


def frame(page: Page, scene: Scene, _stop: Look) -> list[str]:
    """One heading that is the title; language and direction are said; nothing secret stands in address or title."""
    faults: list[str] = page.evaluate(measures.FRAME, says(scene.language)("page.error_prefix"))
    language = {"xl": "nl", "xr": "nl"}.get(scene.language, scene.language)
    direction = "rtl" if scene.language == "xr" else "ltr"
    said = page.evaluate("[document.documentElement.lang, getComputedStyle(document.documentElement).direction]")
    if said != [language, direction]:
        faults.append(f"language and direction are {said}")
    secrets = [scene.noted[name].replace(" ", "") for name in ("pin", "code") if name in scene.noted]
    seen = page.url + page.title()
    return faults + ["a secret stands in address or title" for secret in secrets if secret in seen]


def _at(page: Page, size: dict[str, int], body: str) -> list[str]:
    before = page.viewport_size
    page.set_viewport_size(size)  # type: ignore[arg-type]
    for _ in range(_MOST_LOOKS):  # a browser without scripts cannot be made to wait for it
        if page.evaluate("innerWidth") == size["width"]:
            break
    found: list[str] = page.evaluate(body)
    if before:
        page.set_viewport_size(before)
    return found


# In the order of the table; what is None does not apply to a stop. The keyboard is last: it moves the focus.
CHECKS: dict[str, Callable[[Page, Scene, Look], list[str] | None]] = {
    "errors": errors,
    "axe": axe,
    "320 px": narrow,
    "400 %": zoomed,
    "spacing": spacing,
    "motion": motion,
    "colours": forced_colours,
    "targets": targets,
    "session": session,
    "frame": frame,
    "keyboard": keyboard,
}
