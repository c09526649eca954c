"""A gateway behind nginx, as docker/nginx has it: a revocation is felt in time, and no secret is logged."""

import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2
import pytest
from tests.hospital import Served, open_hospital
from tests.hospital_images import HEAD_CT, KNEE_MR, large_image, save
from tests.house.tree import ROOT
from tests.slow_client import SlowClient

from beeldpas.demo.processes import free_ports
from beeldpas.formats.statuslist import TokenStatus

MEGABYTE = 1_000_000
NGINX = ROOT / "docker" / "nginx"


@pytest.fixture
def noord(tmp_path: Path) -> Iterator[Served]:
    """A hospital with two large studies."""
    for study in (HEAD_CT, KNEE_MR):
        for number in range(1, 11):
            save(large_image(study, number, 4 * MEGABYTE), tmp_path / "files" / study)
    with open_hospital(tmp_path) as served:
        yield served


@pytest.fixture
def proxy(noord: Served, tmp_path: Path) -> Iterator[str]:
    """The address of nginx before the hospital."""
    (port,) = free_ports(1)
    with nginx(tmp_path / "nginx", port, int(noord.url.rpartition(":")[2])):
        yield f"http://127.0.0.1:{port}"


def test_a_revoked_download_ends_in_time_while_its_neighbour_completes(noord: Served, proxy: str) -> None:
    doomed, spared = (begin(noord, proxy, study, index) for index, study in ((1, HEAD_CT), (2, KNEE_MR)))
    doomed.read(2 * MEGABYTE)
    revoked_at = time.monotonic()
    noord.portal.states[1] = TokenStatus.INVALID
    doomed.drain(bytes_per_second=8 * MEGABYTE)
    assert doomed.last_byte_at - revoked_at < 2
    assert not doomed.is_whole
    spared.drain()
    assert spared.is_whole


def test_nginx_logs_neither_code_nor_cookie_nor_lease(noord: Served, proxy: str, tmp_path: Path) -> None:
    code = noord.portal.code(noord.url, [HEAD_CT])
    query = {"code": code, "iss": noord.portal.base_url}
    with httpx2.Client(base_url=proxy) as browser:
        begun = browser.get("/download", params=query)
        assert begun.status_code == 303
        cookie = begun.headers["set-cookie"].partition(";")[0]
        assert (
            browser.get(begun.headers["location"], headers={"Cookie": cookie, "Range": "bytes=0-99"}).status_code
            == 206
        )
        assert browser.get("/metrics").status_code == 404
    log = (tmp_path / "nginx" / "stdout").read_text()
    assert " GET /download 303 " in log
    assert " GET /leases 206 " in log
    assert not re.search(r"code=|lease-|\.zip|[0-9a-f]{16}", log)


def begin(noord: Served, proxy: str, study: str, index: int) -> SlowClient:
    """Start a download through nginx."""
    path, lease = noord.lease([study], index=index)
    return SlowClient(proxy + path, lease)


@contextmanager
def nginx(folder: Path, port: int, gateway_port: int) -> Iterator[None]:
    """Run nginx with the project's own files: what is said of logs, of buffers and of the gateway's sockets."""
    folder.mkdir()
    whole, part = (NGINX / "nginx.conf").read_text(), (NGINX / "gateway.conf").read_text()
    logging, sockets = re.search(r"(?s)map \$uri.*?log_format[^;]*;", whole), re.search(r"sndbuf=\w+", whole)
    assert logging and sockets
    (folder / "gateway.conf").write_text(re.sub(r"/dev/(\w+)", rf"{folder}/\1", part))
    (folder / "nginx.conf").write_text(
        f"daemon off; {'user root;' if os.geteuid() == 0 else ''} pid {folder}/pid; error_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{\n{logging[0]}\nupstream gateway {{ server 127.0.0.1:{gateway_port}; }}\n"
        f"server {{ listen 127.0.0.1:{port} {sockets[0]}; include {folder}/gateway.conf; }}\n}}\n"
    )
    command = ["/usr/sbin/nginx", "-e", folder / "start.log", "-p", folder, "-c", folder / "nginx.conf"]
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield
    finally:
        server.terminate()
        server.wait()


def wait_for(port: int) -> None:
    """Wait until somebody answers."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.2):
            return
        time.sleep(0.02)
    raise RuntimeError("nginx did not start")
