"""The program `beeldpas registry`, as an administrator starts it: its settings, its log, its end, a theft."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import httpx2
from tests.index_town import ADDRESSES, OWN, PORTAL, Town, a_study, somebody, write_town
from tests.naming_process import answering, settings_for
from tests.postgres import Cluster

from beeldpas.formats.jose import load_keys
from beeldpas.keys import public_file

SERVICE = Path(__file__).parents[2] / "service"
BEELDPAS = [sys.executable, "-c", "from beeldpas.cli import main; main()"]
READY_SECONDS = 20


@dataclass(slots=True)
class Program:
    """A running program and what it has written."""

    town: Town
    process: "subprocess.Popen[bytes]"
    log: Path


@contextmanager
def program(folder: Path, database_url: str) -> Iterator[Program]:
    settings, hospitals_file = write_town(database_url, folder)
    config, log = folder / "registry.toml", folder / "registry.log"
    config.write_text(
        f'base_url = "{settings.base_url}"\nport = {settings.port}\nstate_dir = "{folder}/state"\n'
        f'database_url = "{database_url}"\nkey_file = "{settings.key_file}"\n'
        f'hospitals_file = "{hospitals_file}"\n[pseudonyms]\nsocket = "{settings.pseudonyms.socket}"\n'
        f'[[askers]]\nissuer = "{PORTAL}"\njwks_file = "{public_file(folder / "portal.json")}"\n'
    )
    keys = {name: load_keys(folder / f"{name}.json") for name in (*ADDRESSES, "portal")}
    town = Town(settings.base_url, settings, hospitals_file, keys, ADDRESSES)
    names = settings_for(folder, {"registry": (settings.base_url, public_file(folder / "registry.json"))})
    with answering(names), log.open("wb") as output:
        command = [*BEELDPAS, "registry", "serve", "--config", str(config)]
        environment = {**os.environ, "PYTHONPATH": str(SERVICE)}
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
        try:
            _wait_ready(town, process, log)
            yield Program(town, process, log)
        finally:
            process.kill()
            process.wait()


def _wait_ready(town: Town, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx2.get(f"http://127.0.0.1:{town.settings.port}/health/ready").status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.05)
    raise RuntimeError(f"the registry did not start: {log.read_text()}")


def _real_now() -> datetime:
    """The program looks at the real clock, so the story does too."""
    return datetime.now(UTC)


async def test_nothing_personal_stands_in_the_log_whatever_is_asked(
    tmp_path: Path, new_database, postgres_cluster: Cluster
) -> None:
    url = new_database("postgresql")
    with program(tmp_path, url) as running:
        town = running.town
        town.clock.now = _real_now()
        anna = somebody()
        study, question = a_study(anna), town.question()
        proof = town.assertion("noord")
        assert (await town.publish("noord", study)).status_code == 200
        assert (await town.search(anna, question)).json()["total"] == 1
        assert (await town.search(anna, question)).status_code == 401
        assert (await town.publish("noord", a_study(anna, description=anna.reveal()))).status_code == 422
        async with town.client() as client:
            for path in (f"/fhir/Patient/{anna.reveal()}", f"/fhir/ImagingStudy?patient={anna.reveal()}"):
                assert (await client.get(town.base_url + path)).status_code == 400
            await client.post(f"{town.base_url}/token", data={"client_assertion": proof})
        told, dump = running.log.read_text(), postgres_cluster.dump(url.rpartition("/")[2])
    requests = [line for line in map(json.loads, told.splitlines()) if line["event"] == "request"]
    assert {line["route"] for line in requests} >= {"/token", "/fhir", "/fhir/ImagingStudy/_search"}
    for secret in (anna.reveal(), study.study_uid, question, proof, OWN.subject):
        assert secret not in told
    # What somebody takes away with the database tells nobody who is in it.
    assert study.study_uid in dump
    for trace in (anna.reveal(), sha256(anna.reveal().encode()).hexdigest()):
        assert trace not in dump


async def test_it_ends_when_it_is_told_to(tmp_path: Path, new_database) -> None:
    with program(tmp_path, new_database("sqlite")) as running:
        running.process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        running.process.wait(timeout=10)
        assert time.monotonic() - began < 4
        assert running.process.returncode in (0, -signal.SIGTERM)
