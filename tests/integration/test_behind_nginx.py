"""A gateway behind nginx, as docker/nginx has it: a revocation is felt in time, and no secret is logged."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from tests.hospital import Served, open_hospital
from tests.hospital_images import HEAD_CT, KNEE_MR, large_image, save
from tests.shipped_nginx import shipped_nginx
from tests.slow_client import SlowClient

from beeldpas.formats.statuslist import TokenStatus

MEGABYTE = 1_000_000


@pytest.fixture
def noord(tmp_path: Path) -> Iterator[Served]:
    """A hospital with two large studies."""
    for study in (HEAD_CT, KNEE_MR):
        for number in range(1, 11):
            save(large_image(study, number, 4 * MEGABYTE), tmp_path / "files" / study)
    with open_hospital(tmp_path, socket=tmp_path / "noord.sock") as served:
        yield served


@pytest.fixture
def proxy(noord: Served, tmp_path: Path) -> Iterator[str]:
    """The address of nginx before the hospital."""
    with shipped_nginx(tmp_path / "nginx", f"unix:{noord.house.settings.socket}") as address:
        yield address


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
