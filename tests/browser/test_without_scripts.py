"""Every page is complete before a script adds anything: the walks are taken in a browser that runs none.

Only what stands behind # in a link needs a script to be read, and images one to be drawn. Walks with either are left
out here: without scripts the code is typed, as in `test_tasks_provider.py` (D2), and images are downloaded.
"""

from __future__ import annotations

import pytest
from tests.browser.pages import WALKS
from tests.browser.people import PHONE, Stage
from tests.browser.scene import Scene
from tests.browser.steps import Look, Open
from tests.browser.walks import Walk

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


BY_LINK = "{link}"
TYPED = [
    walk
    for walk in WALKS
    if not walk.draws and not any(isinstance(step, Open) and BY_LINK in step.address for step in walk.steps)
]


def nothing(_scene: Scene, _stop: Look) -> None:
    """Getting there is what is to be seen."""


@pytest.mark.parametrize("walk", TYPED, ids=lambda walk: walk.name)
def test_every_page_and_state_is_reached_without_scripts(stage: Stage, walk: Walk) -> None:
    Scene(stage, "nl", nothing, PHONE, {"java_script_enabled": False}).walk(walk.steps)
