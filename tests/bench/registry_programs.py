"""The registry and the process of names as real programs on a database; a portal and a hospital that ask them."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx2
from joserfc.jwk import KeySet
from tests.naming_process import Town as Names
from tests.naming_process import settings_for, write_config

from beeldpas.demo.processes import free_ports
from beeldpas.demo.toml import to_toml
from beeldpas.formats.assertion import CLIENT_ASSERTION_TYPE, sign_assertion
from beeldpas.formats.fhir.publication import PublishingHospital
from beeldpas.formats.jose import load_keys
from beeldpas.formats.question import Question, sign_question
from beeldpas.keys import public_file, write_new_keys

PORTAL = "http://portal.localhost:9000"
HOSPITAL = PublishingHospital("noord", "Ziekenhuis Noord", "90000101", "http://noord.localhost:9001")
OWN = Question("patient", "patient", "p1.c0ffee", "Beeldpas", "PATRQT", "own")
_NO_LIMIT = 100_000_000
_READY_SECONDS = 30


@dataclass(slots=True)
class Programs:
    """Keys and settings in a folder; `started` runs two processes of the registry, as behind a proxy."""

    folder: Path
    ports: tuple[int, int]
    names: Names
    keys: dict[str, KeySet]

    @classmethod
    def prepare(cls, folder: Path) -> "Programs":
        """Write keys and settings."""
        for name in ("registry", "portal", "noord"):
            write_new_keys(folder / f"{name}.json", f"{name}-1")
        first, second = free_ports(2)
        ports = (first, second)
        limit = f"{_NO_LIMIT}/minute"
        names = settings_for(folder, {"registry": (_address(ports[0]), public_file(folder / "registry.json"))}, limit)
        keys = {name: load_keys(folder / f"{name}.json") for name in ("registry", "portal", "noord")}
        return cls(folder, ports, Names(folder, names, write_config(names, folder / "pseudonyms.toml")), keys)

    @property
    def base_url(self) -> str:
        """Where the registry is."""
        return _address(self.ports[0])

    @contextmanager
    def started(self, database_url: str) -> Iterator[None]:
        """Run both programs on this database for one block."""
        (self.folder / "hospitals.toml").write_text(
            f'[[hospital]]\ngateway_id = "noord"\nname = "{HOSPITAL.name}"\nura = "{HOSPITAL.ura}"\n'
            f'base_url = "{HOSPITAL.base_url}"\njwks_file = "noord.public.json"\nphone = "0800 0100"\n'
        )
        self.names.start()
        running: list[subprocess.Popen[bytes]] = []
        try:
            for port in self.ports:
                running.append(self._start(database_url, port))
                self._wait(running[-1], port)
            yield
        finally:
            for program in running:
                program.terminate()
                program.wait(20)
            self.names.stop()

    def _start(self, database_url: str, port: int) -> "subprocess.Popen[bytes]":
        config = self.folder / f"registry-{port}.toml"
        config.write_text(to_toml(self._settings(database_url, port)))
        command = [sys.executable, "-m", "beeldpas", "registry", "serve", "--config", str(config)]
        with (self.folder / f"registry-{port}.log").open("wb") as log:
            return subprocess.Popen(command, stdout=log, stderr=log)

    def _settings(self, database_url: str, port: int) -> dict[str, object]:
        return {
            "base_url": self.base_url,
            "port": port,
            "state_dir": str(self.folder / "state"),
            "database_url": database_url,
            "key_file": str(self.folder / "registry.json"),
            "hospitals_file": str(self.folder / "hospitals.toml"),
            "pseudonyms": {"socket": str(self.names.settings.socket)},
            "limits": {"questions": _NO_LIMIT, "tokens": _NO_LIMIT},
            "askers": [{"issuer": PORTAL, "jwks_file": str(public_file(self.folder / "portal.json"))}],
        }

    def _wait(self, program: "subprocess.Popen[bytes]", port: int) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline and program.poll() is None:
            try:
                if httpx2.get(f"http://127.0.0.1:{port}/health/ready").status_code == 200:
                    return
            except httpx2.TransportError:
                time.sleep(0.05)
        raise RuntimeError(
            f"the registry did not start: {(self.folder / f'registry-{port}.log').read_text()[-2000:]}"
        )

    def question(self) -> str:
        """A question of a signed-in patient, good for one request within a minute."""
        now = datetime.now(UTC)
        return sign_question(OWN, issuer=PORTAL, audience=self.base_url, now=now, key=self.keys["portal"]).reveal()

    def publishing_token(self) -> str:
        """An access token of the hospital, good for five minutes."""
        proof = sign_assertion(
            client_id=HOSPITAL.base_url, audience=self.base_url, now=datetime.now(UTC), key=self.keys["noord"]
        )
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": CLIENT_ASSERTION_TYPE,
            "client_assertion": proof.reveal(),
        }
        return str(
            json.loads(httpx2.post(f"http://127.0.0.1:{self.ports[0]}/token", data=form).content)["access_token"]
        )


def _address(port: int) -> str:
    return f"http://registry.localhost:{port}"
