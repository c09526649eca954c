"""docs/accessibility.md is what the sweep found, and names every page and state that there is."""

from __future__ import annotations

import pytest
from tests.browser import findings
from tests.browser.checks import CHECKS
from tests.browser.pages import WALKS


@pytest.mark.slow
def test_it_says_what_the_sweep_found() -> None:
    about = {name: (check.__doc__ or "").strip() for name, check in CHECKS.items()}
    findings.PAGE.write_text(findings.page(WALKS, about), encoding="utf-8")


def test_it_names_every_page_and_state() -> None:
    # When this fails:  .venv/bin/pytest tests/browser/test_accessibility*.py
    lines = findings.PAGE.read_text(encoding="utf-8").splitlines()
    rows = [line.split(" | ")[0].removeprefix("| ") for line in lines if line.startswith("| ")]
    assert rows[1:] == [stop.name for walk in WALKS for stop in walk.stops]
