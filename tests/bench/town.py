"""The whole of beeldpas for a bench: the demo's programs with their real helpdesk, and nginx before one hospital.

The hospital with the large study stands behind nginx as docker/nginx has it, through a UNIX socket; its own port
answers too, so that a receiver can ask either.
"""

import ssl
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from tests.bench.receivers import Lease
from tests.shipped_nginx import shipped_nginx

from beeldpas.demo.check import helpdesk_door, patient_door, provider_door
from beeldpas.demo.check.browser import Browser
from beeldpas.demo.check.page import Page
from beeldpas.demo.check.provider_door import Declared
from beeldpas.demo.check.sources import Sources
from beeldpas.demo.curation import LARGE
from beeldpas.demo.floor import Floor, ports_needed
from beeldpas.demo.launch import Launcher
from beeldpas.demo.people import ANNA, FATIMA
from beeldpas.demo.processes import Processes, free_ports
from beeldpas.demo.toml import to_toml
from beeldpas.gateway.slots import LEASES_OF_A_GRANT

HOSPITAL = LARGE.hospital.gateway_id
_PLACES = 160
_DOCTOR = Declared("Dr. S. Anders", "Kliniek De Linde")


@dataclass(frozen=True, slots=True)
class Town:
    """The running programs; `behind_nginx` and `direct` are two ports of one hospital."""

    floor: Floor
    trust: ssl.SSLContext
    behind_nginx: int
    direct: int

    @property
    def portal(self) -> str:
        """The portal's address."""
        return self.floor["portal"].base_url

    def browser(self) -> Browser:
        """Open a browser."""
        return Browser(self.trust)


@contextmanager
def town(folder: Path, samples: Path) -> Iterator[Town]:
    """Start everything for the length of a block."""
    floor = Floor.plan(folder, samples, free_ports(ports_needed()), tls=True, behind_relay=frozenset({HOSPITAL}))
    place = floor[HOSPITAL]
    with Processes(floor.logs) as processes:
        launcher = Launcher(floor, processes, Console(quiet=True))
        launcher.prepare()
        socket = folder / "gateway.sock"
        _settle(floor, {"socket": str(socket), "download_connections": _PLACES})
        certificate = floor.certificates.cert(place.host), floor.certificates.key(place.host)
        with shipped_nginx(folder / "nginx", f"unix:{socket}", certificate, place.port):
            launcher.launch()
            trust = ssl.create_default_context(cafile=str(floor.ca_file))
            yield Town(floor, trust, place.port, place.inner_port)


def _settle(floor: Floor, changed: dict[str, object]) -> None:
    """Change the hospital's settings: its images come from a folder, and many may download at once."""
    file = floor.config(HOSPITAL)
    images = {"objects": {"kind": "folder", "root": str(floor.samples / HOSPITAL)}}
    file.write_text(to_toml(changed | tomllib.loads(file.read_text()) | images))


@dataclass(frozen=True, slots=True)
class Opened:
    """A share that was redeemed and begun to be downloaded: how the helpdesk calls it, and the receiver's leases."""

    reference: str
    leases: tuple[Lease, ...]


async def open_share(town: Town, patient: Browser) -> Opened:
    """Share the large study, redeem that, and press Download twice; the patient is signed in."""
    timeline = await patient.open(f"{town.portal}/timeline")
    sizes = Sources.read(town.floor.samples / HOSPITAL)
    offered = [uid for uid, where in patient_door.shown_studies(timeline).items() if HOSPITAL in where]
    study = max(offered, key=lambda uid: sizes.size(frozenset({uid})))
    terms = await patient_door.choose(patient, timeline, [(study, HOSPITAL)])
    made, _ = await patient_door.make(patient, await patient_door.set_terms(patient, terms, _DOCTOR.name))
    async with town.browser() as doctor:
        overview = await provider_door.redeem(doctor, town.portal, made.code, made.pin, _DOCTOR)
        leases = [await _press_download(doctor, overview) for _ in range(LEASES_OF_A_GRANT)]
    return Opened(made.reference, tuple(leases))


async def _press_download(doctor: Browser, overview: Page) -> Lease:
    """Go as far as the lease."""
    (form,) = provider_door.downloads(overview)
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": "null"}
    answer = await doctor.send("POST", overview.absolute(form.action), data=form.values, headers=headers)
    answer = await doctor.send("GET", answer.headers["location"])
    token = answer.headers["set-cookie"].partition(";")[0].partition("=")[2]
    return Lease(answer.url.host, answer.headers["location"], token)


class Helpdesk:
    """Fatima at the helpdesk, signed in."""

    def __init__(self, town: Town, browser: Browser) -> None:
        self._portal = town.portal
        self._browser = browser

    async def sign_in(self) -> None:
        """Sign in as staff."""
        await helpdesk_door.sign_in(self._browser, self._portal, FATIMA.id)

    async def ready_to_stop(self, reference: str) -> Page:
        """Find a share and open the page that asks why it must be stopped."""
        share = await helpdesk_door.find(self._browser, self._portal, reference)
        return await helpdesk_door.ask_to_stop(self._browser, share, FATIMA.id)

    async def stop(self, page: Page) -> float:
        """Stop it; returns when that was asked."""
        asked_at = time.monotonic()
        await helpdesk_door.stop(self._browser, page, "INC-1")
        return asked_at


async def sign_in(town: Town, patient: Browser) -> None:
    """Sign Anna in."""
    await patient_door.sign_in(patient, town.portal, ANNA.id)
