"""What users of other systems complain about, as far as no other test says it: see docs/complaints.md."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import httpx2
import pytest
from tests.gateway_process import program
from tests.hospital import ingest, open_hospital, serving, settings
from tests.hospital_images import BRAMS_CT, HEAD_CT, crosswalk_csv, fill, large_image, save
from tests.hospital_portal import portal
from tests.house.routes import addresses
from tests.s3_server import s3
from tests.shipped_nginx import shipped_nginx
from tests.slow_client import SlowClient

from beeldpas.demo.processes import free_ports
from beeldpas.gateway import account
from beeldpas.web import patience

MEGABYTE = 1_000_000
WITHOUT_A_KEY = {"/health/live", "/health/ready", "/metrics", "/jwks.json", "/download"}


@pytest.mark.parametrize("way", ["directly", "behind nginx"])
def test_a_slow_download_meets_no_deadline(tmp_path, monkeypatch, way):
    """1 and 3: a limit to the whole transfer breaks every archive that is large enough."""
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.2)
    for number in range(1, 11):
        save(large_image(HEAD_CT, number, 4 * MEGABYTE), tmp_path / "files")
    with (
        open_hospital(tmp_path, socket=tmp_path / "noord.sock") as noord,
        shipped_nginx(tmp_path / "nginx", f"unix:{tmp_path / 'noord.sock'}") as proxy,
    ):
        path, lease = noord.lease([HEAD_CT])
        client = SlowClient((noord.url if way == "directly" else proxy) + path, lease)
        client.drain(bytes_per_second=16 * MEGABYTE)
        assert client.is_whole


def test_eight_downloads_at_once_take_little_memory(tmp_path):
    """9: opening everything at once, or keeping what was read, fills the memory."""
    for number in range(1, 26):
        save(large_image(HEAD_CT, number, 4 * MEGABYTE), tmp_path / "source")
    with program(tmp_path, tmp_path / "source", lease_times=10) as gateway:
        address, lease = gateway.lease([HEAD_CT])
        headers = dict([lease.split(": ")])
        before = peak(gateway.pid)
        with ThreadPoolExecutor(8) as clients:
            sizes = set(clients.map(lambda _: size_of(address, headers), range(8)))
        assert len(sizes) == 1 and min(sizes) > 100 * MEGABYTE
        assert peak(gateway.pid) - before < 100 * MEGABYTE


def size_of(address: str, headers: dict[str, str]) -> int:
    with httpx2.stream("GET", address, headers=headers, timeout=60) as answer:
        return sum(len(chunk) for chunk in answer.iter_raw(1 << 20))


def peak(pid: int) -> int:
    """The most memory that a process ever had, in bytes."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) * 1024


def test_no_address_of_the_store_leaves_the_hospital(tmp_path):
    """14 and 16: a link to the store itself outlives its revocation, and names what nobody outside can reach."""
    fill(tmp_path / "source")
    with s3(tmp_path / "server") as server, portal(tmp_path) as trusted:
        bucket = server.new_bucket()
        found = settings(tmp_path, trusted, free_ports(1)[0], objects=bucket)
        found.state_dir.mkdir()
        crosswalk_csv(found.state_dir / "crosswalk.csv")
        ingest(found, tmp_path / "source")
        with serving(found, trusted) as zuid:
            begun = zuid.start(trusted.code(zuid.url, [HEAD_CT]))
            lease = begun.headers["set-cookie"].partition(";")[0].partition("=")[2]
            answer = zuid.client.get(begun.headers["location"], headers={"Beeldpas-Lease": lease})
            metadata = zuid.client.get(f"/dicom-web/studies/{HEAD_CT}/metadata", headers=zuid.token([HEAD_CT]))
    assert (answer.status_code, metadata.status_code) == (200, 200)
    archive = ZipFile(BytesIO(answer.content))
    told = [str(begun.headers), str(answer.headers), str(metadata.headers), metadata.text]
    told += [archive.read(name).decode("latin-1") for name in ("README.TXT", "INDEX.HTM", "MANIFEST.JSN")]
    for text in told:
        assert bucket.endpoint not in text and bucket.bucket not in text and "X-Amz" not in text


def test_every_address_asks_who_is_there(tmp_path):
    """21: a new door that somebody forgot to lock. Without a key each stays shut; Bram's opens none of Anna's."""
    shut = {400, 401, 403, 404, 405}
    with open_hospital(tmp_path) as noord:
        doors = [
            (method, re.sub(r"\{[^}]+\}", HEAD_CT, path))
            for methods, path in sorted(addresses("gateway"))
            for method in methods.split(", ")
            if path not in WITHOUT_A_KEY
        ]
        assert len(doors) > 10
        for method, path in doors:
            for headers in ({}, {"Authorization": "Bearer x.y.z"}, {"Beeldpas-Lease": "x.y.z"}):
                answer = noord.client.request(method, path, headers=headers)
                assert answer.status_code in shut, (method, path, answer.status_code)
            with_brams = noord.client.request(method, path, headers=noord.token([BRAMS_CT]))
            assert with_brams.status_code in shut or path.count(HEAD_CT) == 0, (method, path)
            assert HEAD_CT not in with_brams.text


def test_a_hundred_ranges_are_one_receiver_and_a_third_receiver_is_asked_to_wait(tmp_path, monkeypatch):
    """20 and 22: what is limited is how many download at once, not how often one of them asks for a part."""
    with open_hospital(tmp_path) as noord:
        path, lease = noord.lease([HEAD_CT], grant="grant-of-dekker")
        other, its_lease = noord.lease([HEAD_CT], grant="grant-of-dekker")
        third, late = noord.lease([HEAD_CT], grant="grant-of-dekker")
        for start in range(0, 1000, 10):
            part = noord.client.get(path, headers={**lease, "Range": f"bytes={start}-{start + 9}"})
            assert part.status_code == 206
        assert noord.client.get(other, headers=its_lease).status_code == 200
        refused = noord.client.get(third, headers=late)
        assert refused.status_code == 429 and int(refused.headers["retry-after"]) > 0
        monkeypatch.setattr(account, "KEPT", timedelta())  # a minute goes by
        assert noord.client.get(third, headers=late).status_code == 200
