"""The demo for people, on http: it starts, a second start makes nothing anew, and stopping leaves nothing."""

import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from tests.journeys.demo import COMMAND, below

from beeldpas.demo.floor import ports_needed
from beeldpas.demo.processes import taken_ports

FIRST_PORT = 18440
KEY_FILES = {"secrets.json", "portal.keys.json", "client-digid.json"}


@contextmanager
def running(state: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The demo, from the moment at which it says that it is ready until Ctrl-C."""
    command = [*COMMAND, "--state", str(state), "--first-port", str(FIRST_PORT), *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    printed = []
    try:
        for line in process.stdout:
            printed.append(line)
            if "Ctrl-C" in line:
                break
        yield process, "".join(printed)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


def made_once(state: Path) -> dict[Path, int]:
    """Images and keys, with the moment at which each was written."""
    kept = (path for path in state.rglob("*") if path.suffix == ".dcm" or path.name in KEY_FILES)
    return {path: path.stat().st_mtime_ns for path in kept}


def get(place: str, port: int, path: str) -> httpx2.Response:
    url = f"http://127.0.0.1:{port}{path}"
    return httpx2.get(url, headers={"Host": f"{place}.localhost:{port}"}, trust_env=False)


@pytest.mark.timeout(600)
def test_it_starts_and_leaves_nothing_and_a_second_start_makes_nothing_anew(demo_state: Path) -> None:
    with running(demo_state) as (_, printed):
        assert "Anna Jansen" in printed and f"http://portal.localhost:{FIRST_PORT}" in printed
        assert get("portal", FIRST_PORT, "/").status_code == 200
        assert get("registry", FIRST_PORT + 1, "/health/ready").status_code == 200
        assert below(demo_state)
        made = made_once(demo_state)
    assert below(demo_state) == []
    assert taken_ports(list(range(FIRST_PORT, FIRST_PORT + ports_needed()))) == []
    assert any(path.suffix == ".dcm" for path in made) and {path.name for path in made} >= KEY_FILES
    with running(demo_state, "--late", "west") as (process, printed):
        assert made_once(demo_state) == made
        assert "late when asked" in printed and re.search(r"Ready after \d+\.\d s", printed)
        process.terminate()
        process.wait(timeout=30)
    assert below(demo_state) == [], "being ended from outside leaves nothing either"


def test_a_hospital_that_does_not_exist_cannot_be_late(demo_state: Path) -> None:
    command = [*COMMAND, "--state", str(demo_state), "--late", "oost"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 2


@pytest.mark.timeout(300)
def test_impatience_leaves_nothing(demo_state: Path) -> None:
    with running(demo_state) as (process, _):
        for _ in range(3):
            process.send_signal(signal.SIGINT)
            time.sleep(0.1)
        process.wait(timeout=30)
    assert below(demo_state) == []


def test_a_fault_without_the_check_is_refused(demo_state: Path) -> None:
    command = [*COMMAND, "--state", str(demo_state), "--sabotage", "hidden-use"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 2
