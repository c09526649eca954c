"""What stops a running download: a revocation, a silent portal, a file that changed, a store that fails."""

import os
import time
from collections.abc import Iterator

import pytest
from tests.hospital import Served, open_hospital, wait_until
from tests.hospital_images import HEAD_CT, KNEE_MR, large_image, save
from tests.s3_server import s3
from tests.slow_client import SlowClient

from beeldpas.formats.statuslist import TokenStatus

MEGABYTE = 1_000_000


@pytest.fixture
def noord(tmp_path) -> Iterator[Served]:
    """A hospital with two large studies."""
    for study in (HEAD_CT, KNEE_MR):
        for number in range(1, 7):
            save(large_image(study, number, 4 * MEGABYTE), tmp_path / "files" / study)
    with open_hospital(tmp_path) as served:
        yield served


def begin(noord: Served, study: str, **changed: object) -> SlowClient:
    path, lease = noord.lease([study], **changed)
    client = SlowClient(noord.url + path, lease)
    client.read(MEGABYTE)
    return client


def ended(noord: Served, grant: str) -> dict[str, object]:
    """The event that ended this grant's download, once the portal was told of it."""

    def told() -> list[dict[str, object]]:
        return [event for event in noord.portal.told if (event["grant"], event["phase"]) == (grant, "ended")]

    wait_until(lambda: bool(told()))
    (event,) = told()
    return event


def test_a_revocation_cuts_the_running_download_and_spares_its_neighbour(noord):
    doomed, spared = begin(noord, HEAD_CT, index=1), begin(noord, KNEE_MR, index=2)
    revoked_at = time.monotonic()
    noord.portal.states[1] = TokenStatus.INVALID
    doomed.drain(bytes_per_second=2 * MEGABYTE)
    assert doomed.last_byte_at - revoked_at < 2
    assert doomed.broken and not doomed.is_whole
    spared.drain()
    assert spared.is_whole
    assert (ended(noord, "grant-1")["outcome"], ended(noord, "grant-2")["outcome"]) == ("revoked", "completed")
    assert ended(noord, "grant-1")["bytes"] >= doomed.received


def test_a_download_whose_last_bytes_are_still_on_their_way_can_be_revoked(noord):
    path, lease = noord.lease([HEAD_CT], index=3)
    client = SlowClient(noord.url + path, {**lease, "Range": "bytes=0-999999"})
    wait_until(lambda: any(transfer.sent == MEGABYTE for transfer in noord.house.transfers))
    noord.portal.states[3] = TokenStatus.INVALID
    wait_until(lambda: not len(noord.house.transfers))
    client.drain()
    assert not client.is_whole
    assert ended(noord, "grant-3")["outcome"] == "revoked"


def test_a_portal_that_says_nothing_for_too_long_ends_everything(noord):
    client = begin(noord, HEAD_CT, index=4)
    path, lease = noord.lease([HEAD_CT], index=4)
    noord.portal.down = True
    noord.clock.pass_by(seconds=25)
    client.read(MEGABYTE)
    noord.clock.pass_by(seconds=6)
    client.drain(bytes_per_second=2 * MEGABYTE)
    assert not client.is_whole
    assert ended(noord, "grant-4")["outcome"] == "cut"
    refused = noord.client.get(path, headers=lease)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert noord.client.get("/health/ready").json()["parts"]["status_lists"] is False


def test_a_client_that_leaves_is_noticed(noord):
    client = begin(noord, HEAD_CT, index=5)
    client.leave()
    event = ended(noord, "grant-5")
    assert event["outcome"] == "cut"
    assert MEGABYTE <= event["bytes"] < client.promised


@pytest.mark.parametrize("how", ["changed", "gone", "shorter"])
def test_a_file_that_is_not_what_was_indexed_breaks_the_transfer(noord, how):
    (file,) = (noord.portal.folder / "files" / HEAD_CT).glob("*.1.6.dcm")
    client = begin(noord, HEAD_CT, index=6)
    if how == "changed":
        found = file.stat()
        content = bytearray(file.read_bytes())
        content[-1] ^= 1
        file.write_bytes(content)
        os.utime(file, ns=(found.st_atime_ns, found.st_mtime_ns))  # even when nothing shows it: the CRC does
    elif how == "gone":
        file.unlink()
    else:
        os.truncate(file, 1000)
    client.drain()
    assert client.broken and not client.is_whole
    assert ended(noord, "grant-6")["outcome"] == "cut"


def test_a_store_that_is_gone_before_the_first_byte_is_an_error_and_no_download(noord):
    path, lease = noord.lease([HEAD_CT], index=7)
    for file in (noord.portal.folder / "files" / HEAD_CT).glob("*.dcm"):
        file.unlink()
    inside = noord.client.get(path, headers={**lease, "Range": "bytes=1000000-1000099", "Accept": "text/html"})
    assert (inside.status_code, "Ziekenhuis Noord kan nu niet leveren" in inside.text) == (503, True)
    assert [event for event in noord.portal.told if event["grant"] == "grant-7"] == []


def test_object_store_down_in_mid_download(tmp_path):
    for number in range(1, 11):
        save(large_image(HEAD_CT, number, 4 * MEGABYTE), tmp_path / "source")
    with s3(tmp_path / "server") as server:
        bucket = server.new_bucket(tmp_path / "source")
        (tmp_path / "files").mkdir()
        with open_hospital(tmp_path, objects=bucket) as zuid:
            whole = begin(zuid, HEAD_CT, index=1)
            whole.drain()
            assert whole.is_whole
            broken = begin(zuid, HEAD_CT, index=2)
            server.stop()
            broken.drain()
            assert broken.broken and not broken.is_whole
            assert ended(zuid, "grant-2")["outcome"] == "cut"
            path, lease = zuid.lease([HEAD_CT], index=3)
            assert zuid.client.get(path, headers={**lease, "Range": "bytes=5000000-"}).status_code == 503
            server.start()
            resumed = SlowClient(zuid.url + path, lease)
            resumed.drain()
            assert resumed.is_whole


def test_more_downloads_than_the_hospital_allows_are_asked_to_come_back(tmp_path):
    for number in range(1, 11):
        save(large_image(HEAD_CT, number, 4 * MEGABYTE), tmp_path / "files" / "a")
    with open_hospital(tmp_path, download_connections=1) as noord:
        first = begin(noord, HEAD_CT, index=1)
        path, lease = noord.lease([HEAD_CT], index=2)
        busy = noord.client.get(path, headers={**lease, "Accept": "text/html"})
        assert (busy.status_code, busy.headers["retry-after"], "Het is nu druk" in busy.text) == (503, "30", True)
        first.drain()
        assert first.is_whole
        wait_until(lambda: not len(noord.house.transfers))
        assert noord.client.head(path, headers=lease).status_code == 200
