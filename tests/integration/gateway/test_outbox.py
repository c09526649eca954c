"""Telling the portal of uses: over its outages, over our restarts, and over a kill in the middle of a download."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
from structlog.testing import capture_logs
from tests.hospital import ingest, open_hospital, serving, settings, wait_until
from tests.hospital_images import HEAD_CT, crosswalk_csv, fill, large_image, save
from tests.hospital_portal import Portal, portal
from tests.slow_client import SlowClient

from beeldpas.demo.processes import free_ports
from beeldpas.demo.toml import to_toml
from beeldpas.gateway.settings import GatewaySettings

MEGABYTE = 1_000_000


def ended(trusted: Portal) -> list[dict]:
    return [event for event in trusted.told if event["phase"] == "ended"]


def test_what_the_portal_could_not_hear_is_told_later_and_once(tmp_path):
    with open_hospital(tmp_path) as noord:
        noord.portal.refuses_uses = True
        path, lease = noord.lease([HEAD_CT])
        whole = noord.client.get(path, headers=lease)
        assert noord.portal.told == []
        noord.portal.refuses_uses = False
        noord.clock.pass_by(seconds=5)
        (event,) = [event for event in noord.wait_told(2) if event["phase"] == "ended"]
        assert (event["bytes"], event["outcome"]) == (len(whole.content), "completed")
        assert len(noord.portal.heard) == 2


def test_an_answer_that_makes_no_sense_settles_nothing_and_stops_nobody(tmp_path):
    with open_hospital(tmp_path) as noord:
        noord.portal.answers_oddly = True
        path, lease = noord.lease([HEAD_CT])
        with capture_logs() as logs:
            noord.client.get(path, headers=lease)
            wait_until(lambda: any(line["event"] == "uses_refused" for line in logs))
        noord.portal.answers_oddly = False
        noord.clock.pass_by(seconds=60)
        assert {event["phase"] for event in noord.wait_told(2)} == {"started", "ended"}
        assert not [line for line in logs if line["event"] == "work_broke"]


def test_what_waits_survives_a_restart(tmp_path):
    with portal(tmp_path) as trusted:
        found = settings(tmp_path, trusted, free_ports(1)[0])
        found.state_dir.mkdir()
        fill(tmp_path / "files")
        crosswalk_csv(found.state_dir / "crosswalk.csv")
        ingest(found)
        trusted.refuses_uses = True
        with serving(found, trusted) as noord:
            path, lease = noord.lease([HEAD_CT])
            noord.client.get(path, headers=lease)
        trusted.refuses_uses = False
        with serving(found, trusted) as noord:
            noord.clock.pass_by(seconds=60)
            assert {event["phase"] for event in noord.wait_told(2)} == {"started", "ended"}


@contextmanager
def process(found: GatewaySettings, folder: Path) -> Iterator[subprocess.Popen]:
    """The gateway as its administrator starts it."""
    config = folder / "noord.toml"
    values = found.model_dump(mode="json", exclude_none=True)
    config.write_text(to_toml(values))
    command = [sys.executable, "-m", "beeldpas", "gateway", "serve", "--config", str(config)]
    with (folder / "serve.log").open("ab") as log, subprocess.Popen(command, stderr=log) as running:
        try:
            wait_until(lambda: is_ready(found.base_url), seconds=60)
            yield running
        finally:
            running.kill()


def is_ready(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/health/ready").status_code == 200
    except httpx2.HTTPError:
        return False


def lease(found: GatewaySettings, trusted: Portal) -> tuple[str, dict[str, str]]:
    code = trusted.code(found.base_url, [HEAD_CT])
    answer = httpx2.get(f"{found.base_url}/download", params={"code": code, "iss": trusted.base_url})
    value = answer.headers["set-cookie"].partition(";")[0].partition("=")[2]
    return found.base_url + answer.headers["location"], {"Beeldpas-Lease": value}


def test_a_gateway_that_is_killed_ends_its_downloads_when_it_starts_again_and_they_can_be_resumed(tmp_path):
    with portal(tmp_path) as trusted:
        found = settings(tmp_path, trusted, free_ports(1)[0])
        found.state_dir.mkdir()
        for number in range(1, 6):
            save(large_image(HEAD_CT, number, 4 * MEGABYTE), tmp_path / "files")
        crosswalk_csv(found.state_dir / "crosswalk.csv")
        ingest(found)
        with process(found, tmp_path) as running:
            url, header = lease(found, trusted)
            whole = httpx2.get(url, headers=header, timeout=60).content
            client = SlowClient(url, header)
            client.read(3 * MEGABYTE)
            wait_until(lambda: len(trusted.told) == 3)
            running.send_signal(signal.SIGKILL)
            running.wait()
        client.drain()
        assert not client.is_whole
        with process(found, tmp_path):
            wait_until(lambda: len(ended(trusted)) == 2, seconds=30)
            rest = httpx2.get(url, headers={**header, "Range": f"bytes={client.received}-"}, timeout=60)
            assert rest.status_code == 206
            assert whole[client.received :] == rest.content
        assert [event["outcome"] for event in ended(trusted)][:2] == ["completed", "cut"]
        assert "Beeldpas-Lease" not in (tmp_path / "serve.log").read_text()
        assert HEAD_CT not in (tmp_path / "serve.log").read_text()


def test_a_gateway_that_is_told_to_stop_writes_down_what_it_cut(tmp_path):
    with portal(tmp_path) as trusted:
        found = settings(tmp_path, trusted, free_ports(1)[0])
        found.state_dir.mkdir()
        for number in range(1, 6):
            save(large_image(HEAD_CT, number, 4 * MEGABYTE), tmp_path / "files")
        crosswalk_csv(found.state_dir / "crosswalk.csv")
        ingest(found)
        with process(found, tmp_path) as running:
            url, header = lease(found, trusted)
            client = SlowClient(url, header)
            client.read(MEGABYTE)
            running.send_signal(signal.SIGTERM)
            running.wait(timeout=10)
        client.drain()
        assert not client.is_whole
        command = [
            sys.executable,
            "-m",
            "beeldpas",
            "gateway",
            "log",
            "--config",
            str(tmp_path / "noord.toml"),
            "--json",
        ]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        rows = [json.loads(line) for line in told]
        phases = [(row["phase"], row["outcome"]) for row in rows if row["kind"] == "download"]
        assert phases == [("started", "running"), ("ended", "cut")]
        assert all(len(row["leaf_hash"]) == 64 and len(row["salt"]) == 32 for row in rows)
