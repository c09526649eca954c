"""Running the demo as somebody at a terminal does."""

import os
import subprocess
import sys
from pathlib import Path

COMMAND = (sys.executable, "-m", "beeldpas", "demo")


def run_demo(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the demo to its end and return what it printed."""
    environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}
    return subprocess.run([*COMMAND, *words], capture_output=True, text=True, check=False, env=environment)


def alive(pid: int) -> bool:
    """Say whether a process runs (one that ended and waits to be fetched does not)."""
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def below(folder: Path) -> list[int]:
    """Return the processes that were started with files of this folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and entry.name != str(os.getpid()):
            try:
                command = (entry / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if str(folder) in command:
                found.append(int(entry.name))
    return found
