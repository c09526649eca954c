"""Runs the check: a set of its own on free ports, over TLS, behind a relay that counts what passes the portal."""

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from beeldpas.demo import sabotage
from beeldpas.demo.check.findings import Findings
from beeldpas.demo.check.journey import walk
from beeldpas.demo.check.stage import Stage
from beeldpas.demo.curation import OOST, WEST
from beeldpas.demo.floor import Floor, Registries, ports_needed
from beeldpas.demo.host import relay_before
from beeldpas.demo.launch import Launcher
from beeldpas.demo.other_registries import asked_at
from beeldpas.demo.processes import Processes, free_ports
from beeldpas.demo.relay import Relay, late_at
from beeldpas.demo.sabotage.database import alter_log, uncount_pins

# Longer than the portal waits for any hospital.
_LATE_SECONDS: Final = 20.0
_DOUBLES: Final = {"scope-ignored": {"west": "beeldpas.demo.sabotage.without_scope"}}


def run_check(console: Console, state: Path, fault: str = "", registries: Registries = "one") -> int:
    """Walk the journey once; returns 0 only if everything held. Raises: ProcessFailed."""
    findings = Findings(console)
    with _own_floor(state, registries) as floor, Processes(floor.logs) as processes, ExitStack() as relays:
        doubles = _DOUBLES.get(fault, {})
        launcher = Launcher(floor, processes, console, doubles)
        launcher.prepare()
        late: set[str] = set()
        for name in _late_ones(registries):
            relays.enter_context(_late_at_will(floor, name, late))
        relay = relays.enter_context(_portal_relay(floor, processes, fault))
        launcher.launch()
        console.print(f"All programs answer after {time.monotonic() - findings.begun:.1f} s.")
        if fault == "pin-uncounted":
            uncount_pins(floor.folder("portal") / "database.db")
        if fault == "log-altered":
            alter_log(floor.folder("portal") / "database.db")
        stage = Stage.set_up(floor, findings, processes, launcher, relay)
        stage.late, stage.fault = late, fault
        asyncio.run(walk(stage))
        if findings.failed:
            shutil.copytree(floor.logs, state / "check-logs", dirs_exist_ok=True)
            console.print(f"\nWhat the programs printed is in {state / 'check-logs'}")
    _conclude(console, findings, time.monotonic() - findings.begun)
    return 1 if findings.failed else 0


@contextmanager
def _own_floor(state: Path, registries: Registries) -> Iterator[Floor]:
    """A fresh floor in a folder that is gone afterwards; the samples are shared, they never change."""
    state.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="check-", dir=state))
    try:
        behind, ports = frozenset({"portal", *_late_ones(registries)}), free_ports(ports_needed(registries))
        yield Floor.plan(folder, state / "samples", ports, tls=True, behind_relay=behind, registries=registries)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _late_ones(registries: Registries) -> tuple[str, ...]:
    """Who is made late on the way: a hospital, and where there is an index the hospital that it names."""
    return (WEST.gateway_id, OOST.gateway_id) if registries == "all" else (WEST.gateway_id,)


def _late_at_will(floor: Floor, name: str, late: set[str]) -> Relay:
    always = late_at(asked_at(name), _LATE_SECONDS)

    def hold(piece: bytes) -> float:
        return always(piece) if name in late else 0.0

    return relay_before(floor, name, hold)


def _portal_relay(floor: Floor, processes: Processes, fault: str) -> Relay:
    """The counting relay; with a fault that needs it, the sabotaging front stands behind it."""
    portal = floor["portal"]
    if fault not in sabotage.FRONT_FAULTS:
        return Relay(portal.port, portal.inner_port)
    [port] = free_ports(1)
    certificates = floor.certificates
    words = [fault, str(port), str(portal.inner_port), portal.base_url, str(certificates.ca_file)]
    words += [str(certificates.cert(portal.host)), str(certificates.key(portal.host))]
    processes.start("front", [sys.executable, "-m", "beeldpas.demo.sabotage.front", *words], port)
    return Relay(portal.port, port)


def _conclude(console: Console, findings: Findings, seconds: float) -> None:
    failed = findings.failed
    console.print(f"\n{len(findings.all) - len(failed)} of {len(findings.all)} held, in {seconds:.0f} s.")
    for what in findings.left_out:
        console.print(Text(f"not run: {what}", style="bold yellow"), soft_wrap=True)
    for finding in failed:
        console.print(Text(f"did not hold: {finding.what}  [{finding.measured}]", style="bold red"), soft_wrap=True)
