"""Every page and state in every direction of writing is looked at in Chromium; the results become a page of docs.

The quick walk runs in every `make test`. The rest is slow: `make test-all`, or
`.venv/bin/pytest tests/browser/test_accessibility*.py`, which writes docs/accessibility.md.
"""

from __future__ import annotations

import pytest
from tests.browser import findings
from tests.browser.checks import CHECKS
from tests.browser.pages import SWEPT
from tests.browser.people import DESKTOP, Stage
from tests.browser.scene import Scene
from tests.browser.steps import Look
from tests.browser.walks import Walk

pytestmark = pytest.mark.timeout(900)


def sweep(stage: Stage, walk: Walk, language: str) -> list[str]:
    """Take a walk and look at each stop; returns what is wrong."""
    found: dict[str, dict[str, list[str] | None]] = {}

    def at_stop(scene: Scene, stop: Look) -> None:
        found[stop.name] = {name: check(scene.page, scene, stop) for name, check in CHECKS.items()}

    try:
        Scene(stage, language, at_stop, DESKTOP).walk(walk.steps)
    finally:
        findings.keep(walk, language, found)
    return [
        f"{stop}: {name}: {fault}"
        for stop, checks in found.items()
        for name, one in checks.items()
        for fault in one or []
    ]


@pytest.mark.parametrize("walk", [walk for walk in SWEPT if walk.quick], ids=lambda walk: walk.name)
def test_the_front_doors_are_open_to_everybody(stage: Stage, walk: Walk) -> None:
    assert sweep(stage, walk, "nl") == []


@pytest.mark.slow
@pytest.mark.parametrize("language", findings.LANGUAGES)
@pytest.mark.parametrize("walk", SWEPT, ids=lambda walk: walk.name)
def test_every_page_and_state_is_open_to_everybody(seen_by: Stage, walk: Walk, language: str) -> None:
    assert sweep(seen_by, walk, language) == []
