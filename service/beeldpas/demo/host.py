"""The demo for people: brings everything up, says where it is and who to be, and stays until it is stopped."""

import ssl
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from rich.console import Console

from beeldpas.demo.floor import Floor, Registries, ports_needed
from beeldpas.demo.introduction import introduce
from beeldpas.demo.launch import Launcher
from beeldpas.demo.other_registries import asked_at
from beeldpas.demo.processes import Processes, ProcessFailed, taken_ports
from beeldpas.demo.relay import Hold, Relay, Tls, late_at, slow_after_rest

_LATE_SECONDS: Final = 20.0
# Where there is every kind of registry, one is slow, so that somebody sees what a page does then: the index answers,
# but the hospital that it names takes longer than the portal waits.
_SLOW: Final = "oost"
_SLOW_SECONDS, _REST_SECONDS = 6.0, 600.0
_WATCH_SECONDS: Final = 0.5


def host(
    console: Console, state: Path, *, tls: bool, late: str, first_port: int, registries: Registries = "one"
) -> None:
    """Run the demo until Ctrl-C. Raises: ProcessFailed, KeyboardInterrupt."""
    ports = list(range(first_port, first_port + ports_needed(registries)))
    slow = _SLOW if registries == "all" and not late else ""
    behind = frozenset({late, slow} - {""})
    folder = state / (("tls" if tls else "http") + ("-all" if registries == "all" else ""))
    floor = Floor.plan(folder, state / "samples", ports, tls=tls, behind_relay=behind, registries=registries)
    if taken := taken_ports(used_ports(floor)):
        raise ProcessFailed(f"Port {taken[0]} is in use. Choose others with --first-port, or stop what uses it.")
    begun = time.monotonic()
    with Processes(floor.logs) as processes, ExitStack() as relays:
        launcher = Launcher(floor, processes, console)
        launcher.prepare()
        if launcher.without_pacs:
            console.print(f"Without a PACS. {launcher.without_pacs}\n", soft_wrap=True)
        if late:
            relays.enter_context(relay_before(floor, late, late_at(asked_at(late), _LATE_SECONDS)))
        if slow:
            hold = slow_after_rest(asked_at(slow), _SLOW_SECONDS, _REST_SECONDS, time.monotonic)
            relays.enter_context(relay_before(floor, slow, hold))
        launcher.launch()
        console.print(f"Ready after {time.monotonic() - begun:.1f} s.\n")
        introduce(console, floor, late, slow=slow, with_pacs=launcher.pacs is not None)
        _watch(processes)


def used_ports(floor: Floor) -> list[int]:
    """Every port that this floor listens on."""
    places = floor.places.values()
    return sorted(
        {place.port for place in places}
        | {place.inner_port for place in places}
        | {floor.s3_port, *floor.pacs_ports, *floor.mail_ports}
    )


def relay_before(floor: Floor, name: str, hold: Hold) -> Relay:
    """A relay that makes a registry or a hospital late when it is asked what it has; all else stays as fast."""
    place = floor[name]
    return Relay(place.port, place.inner_port, hold, tls_of(floor, name))


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
