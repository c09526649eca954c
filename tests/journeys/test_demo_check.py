"""The whole journey over TLS, as `beeldpas demo --check` walks it."""

from pathlib import Path

import pytest
from tests.journeys.demo import run_demo

HOSPITALS = ("noord", "oost", "west", "zuid")


@pytest.mark.timeout(300)
def test_the_whole_journey_holds(demo_state: Path) -> None:
    done = run_demo("--check", "--state", str(demo_state))
    assert done.returncode == 0, done.stdout
    assert "FAIL" not in done.stdout


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_it_holds_with_a_hospital_behind_every_kind_of_registry(demo_state: Path) -> None:
    done = run_demo("--check", "--registries", "all", "--state", str(demo_state))
    assert done.returncode == 0, done.stdout
    for hospital in HOSPITALS:
        assert f"ok   {hospital}: every SHA-256 is that of the source file" in done.stdout


@pytest.mark.timeout(300)
def test_it_leaves_nothing_of_its_own_behind(demo_state: Path) -> None:
    assert [entry.name for entry in demo_state.iterdir() if entry.name.startswith("check-")] == []
