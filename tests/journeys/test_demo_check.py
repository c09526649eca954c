"""The whole journey over TLS, as `beeldpas demo --check` walks it."""

from pathlib import Path

import pytest
from tests.journeys.demo import run_demo


@pytest.mark.timeout(300)
def test_the_whole_journey_holds(demo_state: Path) -> None:
    done = run_demo("--check", "--state", str(demo_state))
    assert done.returncode == 0, done.stdout
    assert "FAIL" not in done.stdout


@pytest.mark.timeout(300)
def test_it_leaves_nothing_of_its_own_behind(demo_state: Path) -> None:
    assert [entry.name for entry in demo_state.iterdir() if entry.name.startswith("check-")] == []
