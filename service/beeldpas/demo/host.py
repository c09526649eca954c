"""The demo for people: brings everything up, says where it is and who to be, and stays until it is stopped."""

import ssl
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from rich.console import Console

from beeldpas.demo.floor import PORTS_NEEDED, Floor
from beeldpas.demo.introduction import introduce
from beeldpas.demo.launch import Launcher
from beeldpas.demo.processes import Processes, ProcessFailed, taken_ports
from beeldpas.demo.relay import Relay, Tls, late_at

_LATE_SECONDS: Final = 20.0
_WATCH_SECONDS: Final = 0.5


def host(console: Console, state: Path, *, tls: bool, late: str, first_port: int) -> None:
    """Run the demo until Ctrl-C. Raises: ProcessFailed, KeyboardInterrupt."""
    ports = list(range(first_port, first_port + PORTS_NEEDED))
    behind = frozenset({late}) if late else frozenset()
    floor = Floor.plan(state / ("tls" if tls else "http"), state / "samples", ports, tls=tls, behind_relay=behind)
    if taken := taken_ports(used_ports(floor)):
        raise ProcessFailed(f"Port {taken[0]} is in use. Choose others with --first-port, or stop what uses it.")
    begun = time.monotonic()
    with Processes(floor.logs) as processes, ExitStack() as relays:
        launcher = Launcher(floor, processes, console)
        launcher.prepare()
        if launcher.without_pacs:
            console.print(f"Without a PACS. {launcher.without_pacs}\n", soft_wrap=True)
        if late:
            relays.enter_context(late_relay(floor, late, _LATE_SECONDS))
        launcher.launch()
        console.print(f"Ready after {time.monotonic() - begun:.1f} s.\n")
        introduce(console, floor, late, with_pacs=launcher.pacs is not None)
        _watch(processes)


def used_ports(floor: Floor) -> list[int]:
    """Every port that this floor listens on."""
    places = floor.places.values()
    return sorted(
        {place.port for place in places}
        | {place.inner_port for place in places}
        | {floor.s3_port, *floor.pacs_ports, *floor.mail_ports}
    )


def late_relay(floor: Floor, name: str, seconds: float) -> Relay:
    """A relay that makes the registry or a hospital late when it is asked what it has; all else stays as fast."""
    place, asked = floor[name], "/fhir/ImagingStudy/_search" if name == "registry" else "/preview"
    return Relay(place.port, place.inner_port, late_at(asked, seconds), tls_of(floor, name))


def tls_of(floor: Floor, name: str) -> Tls | None:
    """How a relay before this place speaks TLS: with the place's own certificate."""
    if floor.ca_file is None:
        return None
    host_name = floor[name].host
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(floor.certificates.cert(host_name), floor.certificates.key(host_name))
    return Tls(server, ssl.create_default_context(cafile=str(floor.ca_file)), host_name)


def _watch(processes: Processes) -> None:
    while (ended := processes.first_ended()) is None:
        time.sleep(_WATCH_SECONDS)
    raise ProcessFailed(f"{ended.name} ended by itself; its log is {ended.log}")
