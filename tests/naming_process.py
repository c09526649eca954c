"""The process that makes names of numbers, for tests: in a thread of this process, or as the real program."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

from tests.hospital import wait_until

from beeldpas.formats.jose import load_keys
from beeldpas.keys import public_file, write_new_keys
from beeldpas.pseudonyms.app import build_app
from beeldpas.pseudonyms.keys import KeyBook
from beeldpas.pseudonyms.office import Office
from beeldpas.pseudonyms.settings import CallerSettings, PseudonymsSettings
from beeldpas.web.pseudonyms import AskedPseudonyms, PseudonymSettings
from beeldpas.web.serve import Server, configuration, harden
from beeldpas.web.unix_socket import UnixSocket

BEELDPAS = [sys.executable, "-m", "beeldpas"]
PORTAL, REGISTRY = "https://portal.example", "https://registry.example"
_READY_SECONDS = 20


def now() -> datetime:
    """The real time."""
    return datetime.now(UTC)


def settings_for(
    folder: Path, callers: Mapping[str, tuple[str, Path]], limit: str | None = None
) -> PseudonymsSettings:
    """Settings with fresh keys for these callers: name → (issuer, public keys)."""
    limits = {"limit": limit} if limit else {}
    settings = PseudonymsSettings(
        state_dir=folder / "names",
        socket=folder / "names.sock",
        callers=tuple(
            CallerSettings(name=name, issuer=issuer, jwks_file=file, **limits)
            for name, (issuer, file) in callers.items()
        ),
    )
    settings.state_dir.mkdir(exist_ok=True)
    for caller in settings.callers:
        if not settings.book_file(caller.name).exists():
            KeyBook.begin(now()).write(settings.book_file(caller.name))
    if not settings.fingerprint_file.exists():
        KeyBook.begin(now()).write(settings.fingerprint_file)
    return settings


@contextmanager
def answering(settings: PseudonymsSettings, clock: Callable[[], datetime] = now) -> Iterator[Office]:
    """Answer on the socket of these settings for one block, in a thread of this process."""
    assert settings.socket is not None
    office = Office.open(settings, clock)
    listening = UnixSocket(settings.socket)
    server = Server(configuration(harden(build_app(office)), host="", port=0))
    thread = Thread(target=server.run, kwargs={"sockets": [listening.listener]}, daemon=True)
    thread.start()
    wait_until(lambda: server.started or not thread.is_alive())
    try:
        yield office
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


@dataclass(slots=True)
class Town:
    """A process in a folder, with the portal and the registry as callers that have keys."""

    folder: Path
    settings: PseudonymsSettings
    config: Path
    running: subprocess.Popen[bytes] | None = field(default=None)

    @classmethod
    def build(cls, folder: Path, limit: str | None = None) -> Town:
        """Write the keys of everybody, and settings as an administrator would."""
        callers = {}
        for name, issuer in (("portal", PORTAL), ("registry", REGISTRY)):
            write_new_keys(folder / f"{name}.json", f"{name}-1")
            callers[name] = (issuer, public_file(folder / f"{name}.json"))
        settings = settings_for(folder, callers, limit)
        return cls(folder, settings, write_config(settings, folder / "pseudonyms.toml"))

    def caller(self, name: str, key: str | None = None) -> AskedPseudonyms:
        """One of the callers as its program asks; `key`: with the key of another."""
        issuer = {"portal": PORTAL, "registry": REGISTRY}.get(name, f"https://{name}.example")
        return AskedPseudonyms(
            PseudonymSettings(socket=self.settings.socket),
            caller=issuer,
            keys=load_keys(self.folder / f"{key or name}.json"),
            clock=now,
        )

    def start(self) -> None:
        """Start the real program, and wait until it listens."""
        assert self.settings.socket is not None
        command = [*BEELDPAS, "pseudonyms", "serve", "--config", str(self.config)]
        with (self.folder / "pseudonyms.log").open("ab") as log:
            self.running = subprocess.Popen(command, stdout=log, stderr=log)
        end = time.monotonic() + _READY_SECONDS
        while not self.settings.socket.exists():
            assert self.running.poll() is None, self.log
            assert time.monotonic() < end, self.log
            time.sleep(0.02)

    def signal(self, number: signal.Signals) -> None:
        """Send the program a signal."""
        assert self.running is not None
        os.kill(self.running.pid, number)

    def stop(self) -> None:
        """Stop the program."""
        if self.running is not None:
            self.running.terminate()
            self.running.wait(20)
            self.running = None

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a sub-command: `command("rotate", "--caller", "portal")`."""
        line = [*BEELDPAS, "pseudonyms", words[0], "--config", str(self.config), *words[1:]]
        return subprocess.run(line, capture_output=True, text=True, check=False, timeout=60)

    @property
    def log(self) -> str:
        """What the program printed."""
        return (self.folder / "pseudonyms.log").read_text()


def write_config(settings: PseudonymsSettings, file: Path) -> Path:
    """Write these settings as a file."""
    lines = [f'state_dir = "{settings.state_dir}"', f'socket = "{settings.socket}"']
    for one in settings.callers:
        lines += ["[[callers]]", f'name = "{one.name}"', f'issuer = "{one.issuer}"']
        lines += [f'jwks_file = "{one.jwks_file}"', f'limit = "{one.limit}"']
    file.write_text("\n".join(lines) + "\n")
    return file
