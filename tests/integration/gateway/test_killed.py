"""A gateway that is killed in the middle of a download: curl goes on where it was, and nothing is lost from a log."""

import subprocess
from collections import Counter
from hashlib import sha256
from pathlib import Path
from random import Random

import httpx2
import pytest
from tests.gateway_process import Program, program
from tests.hospital import wait_until
from tests.hospital_images import HEAD_CT, large_image, save

MEGABYTE = 1_000_000
HELD = 8 * MEGABYTE  # what the kernel still delivers after a kill, at most


def fill(folder: Path, megabytes: int) -> Path:
    """Anna's head CT, as large as a test needs it: what the kernel holds is delivered after a kill, too."""
    for number in range(1, megabytes // 4 + 1):
        save(large_image(HEAD_CT, number, 4 * MEGABYTE), folder)
    return folder


def curl(address: str, lease: str, target: Path, *more: str) -> list[str]:
    return ["curl", "-sS", "--fail", "-C", "-", "-H", lease, "-o", str(target), *more, address]


def killed_while_it_serves(gateway: Program, times: int, target: Path) -> bytes:
    """Download with curl; kill the gateway at so many places, resume each time. Returns the digest of the whole."""
    address, lease = gateway.lease([HEAD_CT])
    whole = httpx2.get(address, headers=dict([lease.split(": ")]), timeout=60).content
    chance, most = Random(times), len(whole) // (times + 1) - HELD
    assert most > 0, "curl would have it all before the last kill"
    for _ in range(times):
        place = (target.stat().st_size if target.exists() else 0) + chance.randrange(most // 10, most * 3 // 4)
        with subprocess.Popen(curl(address, lease, target, "--limit-rate", "24M"), stderr=subprocess.PIPE) as client:
            wait_until(lambda place=place: target.exists() and target.stat().st_size >= place, 30)
            gateway.kill()
            assert client.wait(30) != 0
        assert place <= target.stat().st_size < len(whole)
        gateway.start()
    subprocess.run(curl(address, lease, target), check=True)
    return sha256(whole).digest()


def both_logs_match(gateway: Program, downloads: int) -> None:
    """Each download began and ended once, in the hospital's log and in the portal's, under the same ids."""
    portal = gateway.portal
    wait_until(lambda: len(portal.told) >= 2 * downloads, 30)
    told = {event["event_id"]: event for event in portal.told}
    own = {row["event_id"]: row for row in gateway.log() if row["kind"] == "download"}
    assert len(told) == len(portal.told) == 2 * downloads
    assert own.keys() == told.keys()
    for event_id, event in told.items():
        row = own[event_id]
        assert (row["phase"], row["outcome"], row["bytes"]) == (event["phase"], event["outcome"], event["bytes"])
    assert Counter((event["phase"], event["outcome"]) for event in told.values()) == {
        ("started", "running"): downloads,
        ("ended", "cut"): downloads - 2,
        ("ended", "completed"): 2,
    }


def test_killed_three_times_it_gives_the_same_bytes(tmp_path):
    """From series packs."""
    with program(tmp_path, fill(tmp_path / "source", 80)) as gateway:
        digest = killed_while_it_serves(gateway, 3, tmp_path / "archive.zip")
        assert sha256((tmp_path / "archive.zip").read_bytes()).digest() == digest
        both_logs_match(gateway, 5)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_killed_twenty_times_it_gives_the_same_bytes(tmp_path):
    """From loose files, as the hospital has them."""
    fill(tmp_path / "files", 320)
    with program(tmp_path) as gateway:
        digest = killed_while_it_serves(gateway, 20, tmp_path / "archive.zip")
        assert sha256((tmp_path / "archive.zip").read_bytes()).digest() == digest
        both_logs_match(gateway, 22)
