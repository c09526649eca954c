"""A gateway as a program of its own, which a test can kill; the portal that it trusts stays in the test."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from tests.hospital import ingest, settings, wait_until
from tests.hospital_images import crosswalk_csv
from tests.hospital_portal import Portal, portal

from beeldpas.database.engine import open_engine, transaction
from beeldpas.demo.processes import Child, Processes, free_ports
from beeldpas.demo.toml import to_toml
from beeldpas.gateway import access_log
from beeldpas.gateway.settings import GatewaySettings


@dataclass
class Program:
    """The program, started and killed as often as a test wants."""

    settings: GatewaySettings
    portal: Portal
    config: Path
    processes: Processes
    _child: Child = field(init=False)

    def start(self) -> None:
        """Start it, and wait until it serves."""
        command = [sys.executable, "-m", "beeldpas", "gateway", "serve", "--config", str(self.config)]
        self._child = self.processes.start("gateway", command, self.settings.port)
        self.processes.wait_ready(self._child)
        wait_until(lambda: httpx2.get(f"{self.settings.base_url}/health/ready").status_code == 200, 20)

    def kill(self) -> None:
        """Kill it as a power cut would: no signal that it could answer."""
        self._child.process.send_signal(signal.SIGKILL)
        self.processes.stop(self._child)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._child.process.pid

    def output(self) -> str:
        """What it wrote."""
        return self._child.log.read_text(errors="replace")

    def lease(self, studies: list[str], **changed: Any) -> tuple[str, str]:
        """Go as far as a lease: the archive's address, and the header that carries the lease."""
        code = self.portal.code(self.settings.base_url, studies, **changed)
        answer = httpx2.get(
            f"{self.settings.base_url}/download", params={"code": code, "iss": self.portal.base_url}, timeout=20
        )
        assert answer.status_code == 303, answer.text
        value = answer.headers["set-cookie"].partition(";")[0].partition("=")[2]
        return self.settings.base_url + answer.headers["location"], f"Beeldpas-Lease: {value}"

    def log(self) -> list[dict[str, Any]]:
        """The hospital's own access log."""
        return asyncio.run(_log(self.settings.database_url))


async def _log(url: str) -> list[dict[str, Any]]:
    engine = open_engine(url)
    try:
        async with transaction(engine) as connection:
            return await access_log.rows(connection)
    finally:
        await engine.dispose()


@contextmanager
def program(folder: Path, source: Path | None = None, **changed: Any) -> Iterator[Program]:
    """Index what lies in `folder/files` (or copy `source` into packs there), and serve it in a process of its own."""
    with portal(folder) as trusted, Processes(folder / "logs") as processes:
        found = settings(folder, trusted, free_ports(1)[0], **changed)
        (folder / "files").mkdir(exist_ok=True)
        found.state_dir.mkdir(parents=True, exist_ok=True)
        crosswalk_csv(found.state_dir / "crosswalk.csv")
        ingest(found, source)
        config = folder / "noord.toml"
        config.write_text(to_toml(found.model_dump(mode="json", exclude_none=True)))
        running = Program(found, trusted, config, processes)
        running.start()
        yield running
