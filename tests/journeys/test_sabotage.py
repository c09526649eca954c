"""Each fault that is made from outside turns the check red, at the step that is about it."""

from pathlib import Path

import pytest
from tests.journeys.demo import run_demo

from beeldpas.demo.sabotage import NAMES

SEEN_AT = {
    "hidden-use": "the patient's log and the hospitals' logs match one to one",
    "portal-relays": "less than 5 MB went through the portal",
    "status-ignored": "stopped for good, it is cut again within 2 s",
    "pin-uncounted": "after that even the right PIN opens nothing",
    "log-altered": "the whole log holds, checked by a process of its own",
    "scope-ignored": "a study of another patient: the same answer as for nothing",
}
# What would let a stranger in from outside is tried each time; a check takes most of a minute.
ALWAYS = {"pin-uncounted"}
FAULTS = [pytest.param(name, marks=[] if name in ALWAYS else pytest.mark.slow) for name in NAMES]


def test_every_fault_has_its_step() -> None:
    assert SEEN_AT.keys() == set(NAMES)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("fault", FAULTS)
def test_the_check_turns_red(fault: str, demo_state: Path) -> None:
    done = run_demo("--check", "--sabotage", fault, "--state", str(demo_state))
    assert done.returncode == 1, done.stdout
    failed = [line for line in done.stdout.splitlines() if line.strip().startswith("FAIL")]
    assert any(SEEN_AT[fault] in line for line in failed), done.stdout
