"""Every key of portal and names is followed by another while the real programs run, and nothing is lost."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import ssl
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_bytes

import pytest
from rich.console import Console
from tests.hospital import wait_until

from beeldpas.demo.check import patient_door, provider_door
from beeldpas.demo.check.browser import Browser
from beeldpas.demo.check.stage import MadeShare
from beeldpas.demo.floor import Floor, ports_needed
from beeldpas.demo.launch import Launcher
from beeldpas.demo.people import ANNA
from beeldpas.demo.processes import Child, Processes, free_ports

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
BEELDPAS = (sys.executable, "-m", "beeldpas")


@dataclass(slots=True)
class Live:
    """A demo that runs, and how its administrator works on it."""

    floor: Floor
    processes: Processes
    launcher: Launcher
    made: list[MadeShare] = field(default_factory=list)

    @property
    def portal(self) -> str:
        return self.floor["portal"].base_url

    def browser(self) -> Browser:
        return Browser(ssl.create_default_context(cafile=str(self.floor.ca_file)))

    def child(self, name: str) -> Child:
        return next(one for one in self.processes._children if one.name == name)

    def command(self, program: str, word: str, *words: str) -> subprocess.CompletedProcess[str]:
        line = [*BEELDPAS, program, word, "--config", str(self.floor.config(program)), *words]
        return subprocess.run(line, capture_output=True, text=True, check=False, timeout=60)

    def publish_again(self, gateway: str) -> None:
        line = [*self.launcher.gateway_command(gateway, "publish"), "--again"]
        subprocess.run(line, capture_output=True, check=True, timeout=60)

    def start(self, name: str) -> None:
        command = [*BEELDPAS, name, "serve", "--config", str(self.floor.config(name))]
        where = self.floor.names_socket if name == "pseudonyms" else self.floor[name].inner_port
        self.processes.wait_ready(self.processes.start(name, command, where))

    def stop(self, name: str) -> None:
        self.processes.stop(self.child(name))

    def rows(self, program: str, query: str) -> list[tuple[str, ...]]:
        with sqlite3.connect(f"file:{self.floor.folder(program) / 'database.db'}?mode=ro", uri=True) as database:
            return database.execute(query).fetchall()

    def log(self, name: str) -> str:
        return (self.floor.logs / f"{name}.log").read_text()


@pytest.fixture(scope="module")
def live(demo_state: Path) -> Iterator[Live]:
    """All programs, over TLS."""
    ports = free_ports(ports_needed() + 1)[:-1]
    floor = Floor.plan(demo_state / "keys", demo_state / "samples", ports, tls=True)
    with Processes(floor.logs) as processes:
        launcher = Launcher(floor, processes, Console(quiet=True))
        launcher.prepare()
        launcher.launch()
        yield Live(floor, processes, launcher)


async def share(live: Live, patient: Browser) -> MadeShare:
    """Anna shares the first study of her timeline."""
    timeline = await patient_door.sign_in(patient, live.portal, ANNA.id)
    uid, offered = next(iter(patient_door.shown_studies(timeline).items()))
    terms = await patient_door.choose(patient, timeline, [(uid, offered[0])])
    preview = await patient_door.set_terms(patient, terms, "Dr. D. Dekker")
    made, _ = await patient_door.make(patient, preview)
    live.made.append(made)
    return made


async def test_names_by_a_new_key_find_what_stood_under_the_old_one(live: Live) -> None:
    async with live.browser() as before, live.browser() as after:
        made = await share(live, before)
        studies = patient_door.shown_studies(await before.open(f"{live.portal}/timeline"))
        assert live.rows("portal", "SELECT DISTINCT substr(patient, 1, 3) FROM share") == [("p1.",)]

        for caller in ("portal", "registry"):
            assert live.command("pseudonyms", "rotate", "--caller", caller).returncode == 0
        os.kill(live.child("pseudonyms").process.pid, signal.SIGHUP)
        wait_until(lambda: live.log("pseudonyms").count("pseudonym_keys_read") >= 2)
        assert (await before.open(f"{live.portal}/shares/{made.share_id}")).status == 200, "who is signed in goes on"

        timeline = await patient_door.sign_in(after, live.portal, ANNA.id)
        assert patient_door.shown_studies(timeline) == studies, "the index is searched under both names"
        assert (await after.open(f"{live.portal}/shares/{made.share_id}")).status == 200
        told = [line["action"] for line in await patient_door.read_log(after, live.portal)]
        assert "make_share" in told, "the log is read under both names"

    assert live.rows("portal", "SELECT DISTINCT substr(patient, 1, 3) FROM share") == [("p2.",)]
    kinds = {one[0] for one in live.rows("portal", "SELECT DISTINCT substr(patient, 1, 3) FROM access_log")} - {None}
    assert kinds == {"p1.", "p2."}, "and never rewritten"
    for program in ("portal", "registry"):
        noted = live.rows(program, "SELECT record FROM access_log WHERE kind = 'names_changed' ORDER BY row_id")
        assert [json.loads(row[0])["fingerprint"] for row in noted] == ["p1", "p2 p1"]


def test_the_index_moves_when_it_is_asked_and_the_rest_when_hospitals_publish_again(live: Live) -> None:
    query = "SELECT substr(pseudonym, 1, 3), count(*) FROM imaging_study GROUP BY 1"
    moved = dict(live.rows("registry", query))
    assert moved.keys() == {"p1.", "p2."}, "only Anna was asked about"
    for name in ("noord", "west", "zuid"):
        live.publish_again(name)
    assert dict(live.rows("registry", query)).keys() == {"p2."}


def test_a_key_stays_while_log_lines_stand_under_it(live: Live) -> None:
    for program in ("portal", "registry"):
        counted = live.command(program, "names")
        assert counted.returncode == 0, counted.stderr
        rows = dict(line.split(": ") for line in counted.stdout.splitlines())
        assert rows["p1"] != "0 rows", "its log"
        refused = live.command("pseudonyms", "retire", "--caller", program, "p1")
        assert (refused.returncode, "p1 stays" in refused.stderr) == (1, True)


async def test_the_portals_other_keys_are_followed_and_sessions_links_codes_and_pins_live_on(live: Live) -> None:
    file = live.floor.folder("portal") / "secrets.json"
    async with live.browser() as patient, live.browser() as provider:
        made = await share(live, patient)
        rings = json.loads(file.read_text())
        for ring in rings.values():
            ring.insert(0, {"id": "next", "key": urlsafe_b64encode(token_bytes(32)).decode()})
        file.write_text(json.dumps(rings))
        live.stop("portal")
        live.start("portal")
        page = await patient.open(f"{live.portal}/shares/{made.share_id}")
        assert page.status == 200, "the session was sealed with the older key"
        page = await provider.open(f"{live.portal}/s")
        who = {"name": "Dr. D. Dekker", "organisation": "Kliniek De Linde", "function": ""}
        form = page.form("/s", having="pin")
        opened = await provider.submit(page, form, link=made.link, pin=made.pin, then="open", **who)
        assert provider_door.is_open(opened), opened.text
        newer = await share(live, patient)
        assert newer.link != made.link
    assert "next" not in live.log("portal")


async def test_without_the_process_nobody_signs_in_and_the_index_gives_nothing(live: Live) -> None:
    async with live.browser() as patient, live.browser() as late:
        await patient_door.sign_in(patient, live.portal, ANNA.id)
        live.stop("pseudonyms")
        page = await patient_door.sign_in(late, live.portal, ANNA.id)
        assert (page.status, page.place.endswith("/timeline")) == (503, False)
        assert "DigiD" in page.text
        timeline = await patient.open(f"{live.portal}/timeline")
        assert timeline.status == 200, "who is signed in goes on"
        assert ANNA.bsn.reveal() not in timeline.html
        assert "status=503" in live.log("registry") or '"status": 503' in live.log("registry")
        live.start("pseudonyms")
        assert (await patient_door.sign_in(late, live.portal, ANNA.id)).status == 200
        again = await patient.open(f"{live.portal}/timeline")
        assert patient_door.shown_studies(again)


def test_no_program_printed_a_number_a_name_or_a_key(live: Live) -> None:
    books = [json.loads(file.read_text()) for file in (live.floor.folder("pseudonyms") / "keys").glob("*.keys.json")]
    keys = [one["key"] for book in books for one in book["keys"]]
    names = [row[0] for row in live.rows("portal", "SELECT DISTINCT patient FROM access_log") if row[0]]
    for file in live.floor.logs.glob("*.log"):
        text = file.read_text(errors="replace")
        assert [word for word in (ANNA.bsn.reveal(), *keys, *names) if word in text] == [], file.name
