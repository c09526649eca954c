"""docs/accessibility.md is what the sweep found; it runs after it and wants every walk to have been taken."""

from __future__ import annotations

import pytest
from tests.browser import findings
from tests.browser.checks import CHECKS
from tests.browser.pages import SWEPT


@pytest.mark.slow
def test_it_says_what_the_sweep_found_in_every_language() -> None:
    about = {name: (check.__doc__ or "").strip() for name, check in CHECKS.items()}
    findings.PAGE.write_text(findings.page(SWEPT, about), encoding="utf-8")
    written = findings.PAGE.read_text(encoding="utf-8")
    assert written.count(f"Taken in {', '.join(findings.LANGUAGES)}.") == len(SWEPT)
    rows = written.splitlines()
    assert all(any(row.startswith(f"| {stop.name} |") for row in rows) for walk in SWEPT for stop in walk.stops)
