"""What the steps of the check share: the floor, the sources, what was done so far, every secret seen on the way."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path

from beeldpas.demo.check.browser import Browser
from beeldpas.demo.check.findings import Findings
from beeldpas.demo.check.page import Page
from beeldpas.demo.check.sources import Sources
from beeldpas.demo.floor import Floor
from beeldpas.demo.launch import Launcher
from beeldpas.demo.processes import Processes
from beeldpas.demo.relay import Relay


@dataclass(frozen=True, slots=True)
class Use:
    """One answer of a hospital that carried image bytes, as the check itself received it.

    `least` and `most` bound the bytes the hospital should have noted: a cut one may have sent more than arrived.
    """

    gateway: str
    outcome: str
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class MadeShare:
    """What the patient is shown once: everything needed to hand over."""

    share_id: str
    reference: str
    link: str
    code: str
    pin: str


@dataclass(frozen=True, slots=True)
class Shared:
    """A share, and which studies it holds at which hospital."""

    made: MadeShare
    studies: dict[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Opened:
    """A share that somebody has redeemed: in which browser, and what was shown."""

    browser: Browser
    overview: Page
    share: Shared


class SeenEnough(Exception):
    """A fault was made on purpose, and it was seen: there is no need to go on."""


@dataclass(slots=True)
class Stage:
    """One run of the check; `fault` names what was sabotaged, if anything."""

    floor: Floor
    findings: Findings
    processes: Processes
    launcher: Launcher
    relay: Relay
    work: Path
    sources: dict[str, Sources]
    fault: str = ""
    uses: list[Use] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)
    pins: set[str] = field(default_factory=set)
    late: set[str] = field(default_factory=set)
    browsers: list[Browser] = field(default_factory=list)
    downloaded: int = 0

    @classmethod
    def set_up(
        cls, floor: Floor, findings: Findings, processes: Processes, launcher: Launcher, relay: Relay
    ) -> "Stage":
        """Read the sources and get ready."""
        work = floor.state / "downloads"
        work.mkdir(parents=True, exist_ok=True)
        sources = {name: Sources.read(floor.samples / name) for name in floor.gateways}
        return cls(floor, findings, processes, launcher, relay, work, sources)

    @property
    def portal(self) -> str:
        """The portal's address."""
        return self.floor["portal"].base_url

    def browser(self, *, narrow: bool = False) -> Browser:
        """Open a browser that trusts the demo's authority."""
        browser = Browser(ssl.create_default_context(cafile=str(self.floor.ca_file)), narrow=narrow)
        self.browsers.append(browser)
        return browser

    def chapter(self, title: str) -> None:
        """Begin a chapter. Raises: SeenEnough when a fault that was made on purpose has been seen before it."""
        if self.fault and self.findings.failed:
            raise SeenEnough
        self.findings.chapter(title)

    def expect(self, what: str, held: bool, measured: object = "") -> bool:
        """Note a finding."""
        return self.findings.expect(what, held, measured)

    def keep_secret(self, *values: str) -> None:
        """Remember what must not stand in any log."""
        self.secrets.update(value for value in values if value)
