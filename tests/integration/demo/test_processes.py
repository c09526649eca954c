"""Programs are started, waited for and stopped, with everything that they started themselves."""

import os
import sys
import time
from pathlib import Path

import pytest

from beeldpas.demo.processes import Processes, ProcessFailed, free_ports

LISTEN = "import socket,sys,time; s=socket.create_server(('127.0.0.1',int(sys.argv[1]))); time.sleep(60)"
PARENT = (
    "import subprocess,sys; child=subprocess.Popen([sys.executable,'-c','import time; time.sleep(60)']);"
    "open(sys.argv[2],'w').write(str(child.pid)); " + LISTEN
)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()


def is_gone(pid: int) -> bool:
    """Say whether a process ends: one that was killed and is nobody's child here may need a moment to be gone."""
    end = time.monotonic() + 30
    while alive(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return not alive(pid)


def test_leaving_stops_the_program_and_its_children(tmp_path: Path) -> None:
    [port] = free_ports(1)
    note = tmp_path / "pid"
    with Processes(tmp_path / "logs") as processes:
        child = processes.start("parent", [sys.executable, "-c", PARENT, str(port), str(note)], port)
        processes.wait_ready(child)
        pids = [child.process.pid, int(note.read_text())]
        assert all(alive(pid) for pid in pids)
    assert all(is_gone(pid) for pid in pids)


def test_a_program_that_ends_early_is_told_with_its_last_words(tmp_path: Path) -> None:
    [port] = free_ports(1)
    with Processes(tmp_path / "logs") as processes:
        child = processes.start("short", [sys.executable, "-c", "print('no such file')"], port)
        with pytest.raises(ProcessFailed, match="no such file"):
            processes.wait_ready(child)


def test_a_command_that_fails_is_told(tmp_path: Path) -> None:
    with Processes(tmp_path / "logs") as processes, pytest.raises(ProcessFailed, match="ended with 3"):
        processes.run("failing", [sys.executable, "-c", "import sys; sys.exit(3)"])
