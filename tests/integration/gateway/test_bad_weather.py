"""What goes wrong around a gateway: clocks that differ, a store that gives up half-way, files that changed."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256

import pytest
from tests.hospital import Served, ingest, open_hospital, serving, settings
from tests.hospital_images import HEAD_CT, KNEE_MR, crosswalk_csv, image, large_image, save
from tests.hospital_portal import portal
from tests.s3_server import s3

from beeldpas.demo.processes import free_ports

MEGABYTE = 1_000_000


@pytest.mark.parametrize("seconds", [-20, 20])
def test_clocks_that_differ_by_less_than_half_a_minute_stop_nobody(tmp_path, seconds):
    with open_hospital(tmp_path) as noord:
        noord.clock.pass_by(seconds=seconds)
        path, lease = noord.lease([HEAD_CT])
        assert noord.client.get(path, headers=lease).status_code == 200
        assert noord.client.get(f"/dicom-web/studies/{HEAD_CT}", headers=noord.token([HEAD_CT])).status_code == 200


@pytest.mark.parametrize("minutes", [-10, 10])
def test_clocks_that_differ_by_minutes_stop_everybody_and_it_is_said(tmp_path, minutes):
    """Fail closed: with such a clock no list is fresh and no token is of now."""
    with open_hospital(tmp_path) as noord:
        path, lease = noord.lease([HEAD_CT])
        noord.clock.pass_by(minutes=minutes)
        answer = noord.client.get(path, headers=lease)
        if minutes > 0:
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            assert noord.client.get("/health/ready").status_code == 503
        refused = noord.client.get(f"/dicom-web/studies/{HEAD_CT}", headers=noord.token([HEAD_CT]))
        assert refused.status_code in {401, 503}
        assert refused.content[:4] != b"--be"


def test_new_bytes_under_an_old_tag_come_whole(tmp_path):
    """A receiver that resumes an archive which is another one now gets the new one from its first byte."""
    for number in (1, 2, 3):
        save(image(HEAD_CT, 1, number), tmp_path / "files")
    with open_hospital(tmp_path) as noord:
        path, lease = noord.lease([HEAD_CT], index=1)
        before = noord.client.get(path, headers=lease)
        (tmp_path / "files" / f"{HEAD_CT}.1.3.dcm").unlink()
        save(image(HEAD_CT, 1, 4), tmp_path / "files")
        ingest(noord.house.settings)
        path, fresh = noord.lease([HEAD_CT], index=2)
        resumed = {**fresh, "Range": "bytes=1000-", "If-Range": before.headers["etag"]}
        after = noord.client.get(path, headers=resumed)
        assert (after.status_code, after.content[:4]) == (200, b"PK\x03\x04")
        assert after.headers["etag"] != before.headers["etag"]
        with_new_tag = {**resumed, "If-Range": after.headers["etag"]}
        part = noord.client.get(path, headers=with_new_tag)
        assert (part.status_code, part.content) == (206, after.content[1000:])


def test_a_lease_of_before_gives_the_old_bytes_or_none(tmp_path):
    """It pins what it was made for; what is gone since then cannot be replaced by something else."""
    for number in (1, 2, 3):
        save(image(HEAD_CT, 1, number), tmp_path / "files")
    with open_hospital(tmp_path) as noord:
        path, lease = noord.lease([HEAD_CT])
        before = noord.client.get(path, headers=lease).content
        save(image(HEAD_CT, 1, 4), tmp_path / "files")
        ingest(noord.house.settings)
        assert noord.client.get(path, headers={**lease, "Range": "bytes=1000-"}).content == before[1000:]
        (tmp_path / "files" / f"{HEAD_CT}.1.1.dcm").unlink()
        ingest(noord.house.settings)
        gone = noord.client.get(path, headers={**lease, "Range": "bytes=1000-"})
        assert gone.status_code in {404, 410, 503}


class Flaky:
    """A relay to a store that hangs up on every connection after so many bytes."""

    def __init__(self, endpoint: str) -> None:
        host, _, port = endpoint.rpartition(":")
        self._store = (host, int(port))
        self.most = 1 << 60
        self.hung_up = 0
        self._door = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"127.0.0.1:{self._door.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._door.accept()
                store = socket.create_connection(self._store)
                threading.Thread(target=self._forward, args=(client, store), daemon=True).start()
                threading.Thread(target=self._backward, args=(store, client), daemon=True).start()

    def _forward(self, client: socket.socket, store: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                store.sendall(data)

    def _backward(self, store: socket.socket, client: socket.socket) -> None:
        passed = 0
        with suppress(OSError):
            while data := store.recv(65536):
                passed += len(data)
                if passed > self.most:
                    self.hung_up += 1
                    break
                client.sendall(data)
        for side in (client, store):
            with suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)
            side.close()

    def close(self) -> None:
        self._door.close()


@contextmanager
def behind_a_flaky_line(folder) -> Iterator[tuple[Served, Flaky]]:
    for number in range(1, 7):
        save(large_image(KNEE_MR, number, 4 * MEGABYTE), folder / "source")
    with s3(folder / "server") as server, portal(folder) as trusted:
        bucket = server.new_bucket()
        line = Flaky(bucket.endpoint)
        found = settings(
            folder, trusted, free_ports(1)[0], objects=bucket.model_copy(update={"endpoint": line.endpoint})
        )
        found.state_dir.mkdir()
        crosswalk_csv(found.state_dir / "crosswalk.csv")
        ingest(found, folder / "source")
        with serving(found, trusted) as noord:
            yield noord, line
        line.close()


def test_a_store_that_hangs_up_in_the_middle_of_an_object(tmp_path):
    """It is asked once more for the rest; where that does not help, the download breaks. Never a wrong byte."""
    with behind_a_flaky_line(tmp_path) as (noord, line):
        path, lease = noord.lease([KNEE_MR])
        whole = noord.client.get(path, headers=lease).content
        line.most = 7 * MEGABYTE
        again = noord.client.get(path, headers=lease)
        assert sha256(again.content).digest() == sha256(whole).digest()
        assert line.hung_up >= 3
        line.most = 2000
        refused = noord.client.get(path, headers={**lease, "Range": "bytes=5000000-6000000"})
        assert refused.status_code == 503
        line.most = 1 << 60
        assert noord.client.get(path, headers=lease).content == whole
