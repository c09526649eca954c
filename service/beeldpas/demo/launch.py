"""Brings a demo up: files first, then all programs at once, then what the hospitals hold.

What an earlier start left is used again if it was made from the same samples for the same addresses.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import rmtree
from typing import Final

from rich.console import Console

from beeldpas.demo.curation import IN_PACS, UNDER_EMBARGO
from beeldpas.demo.floor import ISSUERS, Floor
from beeldpas.demo.issuers import PROGRAM
from beeldpas.demo.keyfiles import make_keys
from beeldpas.demo.orthanc import NoPacs, Orthanc, require_possible
from beeldpas.demo.processes import Child, Processes
from beeldpas.demo.s3 import S3Server
from beeldpas.demo.samples import PACS_FOLDER, make_samples, samples_mark, study_uid
from beeldpas.demo.settings import write_settings

_NAMES: Final = "names by a process of their own"  # what an older demo filled stands under other names
_ASKED_ITSELF: Final = "beeldpas.demo.registries.metadata"
_EMBARGO: Final = timedelta(days=180)
_PROGRAM: Final = (sys.executable, "-m", "beeldpas")


class Launcher:
    """Starts the programs of one floor; `doubles` names modules that stand in for a program (for sabotage)."""

    def __init__(
        self, floor: Floor, processes: Processes, console: Console, doubles: Mapping[str, str] | None = None
    ) -> None:
        self.floor = floor
        self._processes = processes
        self._console = console
        self._doubles = {**dict.fromkeys(floor.asked_itself, _ASKED_ITSELF), **(doubles or {})}
        self.s3: S3Server
        self.pacs: Orthanc | None = None
        self.without_pacs = ""

    def launch(self) -> None:
        """Bring everything up, once prepared; returns when every program answers. Raises: ProcessFailed."""
        with self._console.status("Starting the programs") as status:
            others = self._start_others()
            if not self._is_filled():
                self._fill(others, status.update)
            gateways = {name: self._start_gateway(name) for name in self.floor.gateways}
            if not self._is_filled():
                status.update("Publishing to the registry")
                for name in ("pseudonyms", "registry"):
                    self._processes.wait_ready(others[name])
                self._each(self.floor.publishing, "publish")
                self._mark.write_text(self._made_from())
            status.update("Waiting until every program answers")
            for child in (*others.values(), *gateways.values()):
                self._processes.wait_ready(child)

    def gateway_command(self, name: str, *words: str) -> list[str]:
        """The command line of one gateway sub-command."""
        program = (sys.executable, "-m", self._doubles[name]) if name in self._doubles else _PROGRAM
        return [*program, "gateway", *words, "--config", str(self.floor.config(name))]

    def prepare(self) -> None:
        """Make the files: samples, keys, certificates, settings. Without the means for a PACS there is none."""
        try:
            require_possible()
            self.pacs = Orthanc(self.floor.state / "pacs", *self.floor.pacs_ports)
        except NoPacs as error:
            self.without_pacs = str(error)
        with self._console.status("Preparing sample images"):
            make_samples(self.floor.samples)
        if self._mark.parent.exists() and not self._is_filled():
            rmtree(self.floor.state / "programs")
            rmtree(self.floor.state / "s3", ignore_errors=True)
            rmtree(self.floor.state / "pacs", ignore_errors=True)
        for name in self.floor.places:
            self.floor.folder(name).mkdir(parents=True, exist_ok=True)
        make_keys(self.floor)
        self.s3 = S3Server(self.floor.state / "s3", self.floor.s3_port)
        write_settings(self.floor, self.s3, self.pacs)

    def _start_others(self) -> dict[str, Child]:
        started = {"s3": self.s3.start(self._processes)}
        smtp, page = self.floor.mail_ports
        command = [sys.executable, "-m", "beeldpas.demo.mailbox", str(smtp), str(page)]
        started["mail"] = self._processes.start("mail", command, page)
        if self.pacs is not None:
            started["pacs"] = self.pacs.start(self._processes)
        for name in ("pseudonyms", "portal", "registry"):
            command = [*_PROGRAM, name, "serve", "--config", str(self.floor.config(name))]
            started[name] = self._start(name, command)
        for name in ISSUERS:
            started[name] = self._start(name, ["node", str(PROGRAM), str(self.floor.config(name))])
        for name in self.floor.kinds:
            command = [sys.executable, "-m", "beeldpas.demo.registries", str(self.floor.config(name))]
            started[name] = self._start(name, command)
        return started

    def _start_gateway(self, name: str) -> Child:
        return self._start(name, self.gateway_command(name, "serve"))

    def _start(self, name: str, command: Sequence[str]) -> Child:
        where = self.floor.names_socket if name == "pseudonyms" else self.floor[name].inner_port
        return self._processes.start(name, command, where)

    def _fill(self, others: Mapping[str, Child], say: Callable[[str], None]) -> None:
        say("Putting the third hospital's images into its S3 store")
        self._processes.wait_ready(others["s3"])
        for hospital in self.floor.hospitals:
            if hospital.store == "s3":
                self.s3.fill(self.floor.samples / hospital.gateway_id)
        say("Reading who is who")
        self._each(self.floor.gateways, "crosswalk")
        say("Indexing every hospital's images")
        listing = self._fill_pacs(others["pacs"]) if self.pacs is not None else None
        self._each(self.floor.gateways, "ingest")
        if listing is not None:
            self._processes.finish(listing)
        if UNDER_EMBARGO.hospital in self.floor.hospitals:
            self._processes.finish(self._announce())

    def _announce(self) -> Child:
        """Have the hospital say when a report can be read, for as long as a demo is likely to stand."""
        gateway, until = UNDER_EMBARGO.hospital.gateway_id, datetime.now(UTC).date() + _EMBARGO
        words = ("release", "embargo", study_uid(UNDER_EMBARGO), "--until", until.isoformat(), "--announce")
        return self._processes.start(f"{gateway}-embargo", self.gateway_command(gateway, *words), 0)

    def _fill_pacs(self, child: Child) -> Child:
        """Give the PACS its study, and let the gateway before it list what is there while others index."""
        assert self.pacs is not None  # noqa: S101  (its child runs)
        self._processes.wait_ready(child)
        self.pacs.upload(sorted((self.floor.samples / PACS_FOLDER).iterdir()))
        gateway = IN_PACS.hospital.gateway_id
        return self._processes.start(f"{gateway}-sync", self.gateway_command(gateway, "sync"), 0)

    def _each(self, hospitals: Sequence[str], word: str) -> None:
        children = [
            self._processes.start(f"{name}-{word}", self.gateway_command(name, word), 0) for name in hospitals
        ]
        for child in children:
            self._processes.finish(child)

    @property
    def _mark(self) -> Path:
        return self.floor.state / "programs" / "filled.txt"

    def _is_filled(self) -> bool:
        return self._mark.is_file() and self._mark.read_text() == self._made_from()

    def _made_from(self) -> str:
        addresses = [place.base_url for place in self.floor.places.values()]
        return "\n".join([samples_mark(), *addresses, "with a PACS" if self.pacs else "without a PACS", _NAMES])
