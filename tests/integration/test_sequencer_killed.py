"""Programs that write and place one log are killed at any moment: the tree has no gap and no fork."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.conftest import NewDatabase
from tests.house.tree import ROOT
from tests.log_program import PORTAL
from tests.sharing_town import MIGRATIONS

from beeldpas.audit.checkpoint import LogKeys
from beeldpas.audit.examination import Report
from beeldpas.audit.examined import examine_database
from beeldpas.audit.proof import Keys
from beeldpas.audit.sequencer import Sequencer
from beeldpas.database.engine import looking, migrate, open_engine
from beeldpas.formats.jose import load_keys
from beeldpas.keys import write_new_keys


def _run_until_killed(url: str, keys: Path) -> None:
    """Two programs at once; once both have placed something, both are killed, some milliseconds apart."""
    command = [sys.executable, "-m", "tests.log_program", url, str(keys)]
    pipe = subprocess.PIPE
    programs = [subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True) for _ in range(2)]
    try:
        for program in programs:
            assert program.stdout is not None
            assert program.stdout.readline().strip().isdecimal(), program.stderr and program.stderr.read()
            time.sleep(random.random() * 0.05)
            program.kill()
    finally:
        for program in programs:
            program.kill()
            program.communicate()


async def _examine(url: str, keys: LogKeys) -> Report:
    """Place what is left over, as the next start would, and go through all of it."""
    engine = open_engine(url)
    while await Sequencer(engine, keys, lambda: datetime.now(UTC)).place_waiting():
        pass
    await engine.dispose()
    async with looking(url) as connection:
        return await examine_database(connection, keys.origin, Keys.of(keys.verifiers), datetime.now(UTC))


def _kill_and_examine(url: str, folder: Path, times: int) -> None:
    file = folder / "portal.jwks.json"
    write_new_keys(file, "portal-1")
    keys = LogKeys.of(PORTAL, load_keys(file))
    migrate(url, MIGRATIONS)
    events = 0
    for _ in range(times):
        _run_until_killed(url, file)
        report = asyncio.run(_examine(url, keys))
        assert (report.faults, report.waiting) == ([], 0)
        assert report.events > events
        events = report.events


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_killed_once(kind: str, new_database: NewDatabase, tmp_path: Path) -> None:
    _kill_and_examine(new_database(kind), tmp_path, 1)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_killed_twenty_times(kind: str, new_database: NewDatabase, tmp_path: Path) -> None:
    _kill_and_examine(new_database(kind), tmp_path, 20)
