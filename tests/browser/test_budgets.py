"""Budgets: bytes, requests and blocking scripts of the pages that people come to first, at a first visit.

The table below is the budget; what each page takes is printed with `-s`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page
from tests.browser.budgets import BLOCKING_SCRIPTS, SHIFT, Budget, Wire
from tests.browser.people import PHONE, Stage

# A page with everything on it: HTML, styles, scripts and the two or three fonts, as they travel.
BUDGETS = {
    "/": Budget(kilobytes=65, requests=7),
    "/s": Budget(kilobytes=75, requests=9),
    "/help": Budget(kilobytes=65, requests=7),
    "/privacy": Budget(kilobytes=65, requests=7),
    "/helpdesk": Budget(kilobytes=65, requests=7),
    "/timeline": Budget(kilobytes=100, requests=10),
    "/shares": Budget(kilobytes=75, requests=9),
    "/log": Budget(kilobytes=100, requests=9),
}
MOST_SHIFT = 0.01
SIGNED_IN = ("/timeline", "/shares", "/log")


@pytest.fixture
def anna(stage: Stage) -> Iterator[Page]:
    """Anna's phone; the demo gives her a handful of examinations."""
    person = stage.person("anna", PHONE)
    person.go("/en/sign-in")
    person.page.get_by_role("button", name="Anna Jansen").click()
    person.page.get_by_role("heading", level=1).wait_for()
    yield person.page


@pytest.mark.parametrize("path", BUDGETS)
def test_a_page_keeps_its_budget(stage: Stage, request: pytest.FixtureRequest, path: str) -> None:
    page = request.getfixturevalue("anna") if path in SIGNED_IN else stage.person("visitor", PHONE).page
    wire = Wire.of(page)
    wire.load(f"{stage.portal}/en{path}")
    parts, budget = wire.without_pictures(), BUDGETS[path]
    taken = sum(parts.values())
    sys.stdout.write(f"{path}: {taken / 1000:.1f} kB of {budget.kilobytes}, {len(parts)} requests\n")
    assert all(parts.values()), f"something did not come: {parts}"
    assert taken <= budget.kilobytes * 1000, parts
    assert len(parts) <= budget.requests, parts
    assert sum(path.endswith(".css") for path in parts) <= budget.styles, parts
    assert page.evaluate(BLOCKING_SCRIPTS) == []
    assert page.evaluate(SHIFT) <= MOST_SHIFT, "what is shown moves while the page comes in"


def test_styles_and_scripts_travel_compressed(stage: Stage) -> None:
    page = stage.person("visitor", PHONE).page
    encodings: dict[str, str | None] = {}
    page.on("response", lambda answer: encodings.update({answer.url: answer.headers.get("content-encoding")}))
    page.goto(f"{stage.portal}/s", wait_until="networkidle")
    static = {url: encoding for url, encoding in encodings.items() if "/static/assets/" in url}
    plain = [url for url, encoding in static.items() if encoding is None and not url.endswith((".woff2", ".woff"))]
    assert static, "the page asks for styles"
    assert plain == [], "Brotli, Zstandard or gzip: whatever is smallest of what this browser takes"
