"""What a lease allows and for how long: places, a quota, the end of grant and lease, a receiver who sleeps."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.hospital import Served, open_hospital, wait_until
from tests.hospital_images import HEAD_CT, large_image, save
from tests.slow_client import SlowClient

from beeldpas.formats.statuslist import TokenStatus
from beeldpas.gateway.leases import LeaseSigner

MEGABYTE = 1_000_000
Opened = Callable[..., Served]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    """Opens a hospital with a large study and the given settings."""
    for number in range(1, 7):
        save(large_image(HEAD_CT, number, 4 * MEGABYTE), tmp_path / "files")
    blocks = []

    def open_it(**changed: object) -> Served:
        blocks.append(open_hospital(tmp_path, **changed))
        return blocks[-1].__enter__()

    yield open_it
    for block in blocks:
        block.__exit__(None, None, None)


def begin(noord: Served, path: str, lease: dict[str, str], **more: str) -> SlowClient:
    """Start a download and read a little of it."""
    client = SlowClient(noord.url + path, {**lease, **more})
    client.read(MEGABYTE)
    return client


def in_seconds(seconds: float) -> int:
    """A time that far from now, as tokens write it."""
    return int((datetime.now(UTC) + timedelta(seconds=seconds)).timestamp())


def test_the_third_download_of_a_share_and_the_ninth_connection_are_asked_to_wait(opened):
    noord = opened()
    first, second, third = (noord.lease([HEAD_CT], index=1) for _ in range(3))
    running = [begin(noord, *first) for _ in range(8)] + [begin(noord, *second)]
    ninth = noord.client.get(first[0], headers=first[1])
    assert (ninth.status_code, ninth.headers["retry-after"]) == (429, "5")
    assert ninth.json()["type"] == "urn:beeldpas:problem:too_many_requests"
    path, lease = third
    for language, words in (("nl", "Er lopen al genoeg downloads"), ("en", "Enough downloads are running")):
        page = noord.client.get(path, headers={**lease, "Accept": "text/html", "Accept-Language": language})
        assert (page.status_code, page.headers["retry-after"], words in page.text) == (429, "60", True)
    other = noord.lease([HEAD_CT], index=2)
    assert noord.client.get(other[0], headers={**other[1], "Range": "bytes=0-9"}).status_code == 206
    assert noord.client.head(path, headers=lease).status_code == 200, "looking takes no place"
    for client in running:
        client.leave()
    wait_until(lambda: not len(noord.house.transfers))
    assert noord.client.get(first[0], headers={**first[1], "Range": "bytes=0-9"}).status_code == 206


def test_a_download_that_is_fetched_again_and_again_is_used_up_also_after_a_restart(opened, monkeypatch):
    monkeypatch.setattr("beeldpas.gateway.slots._SMALLEST_QUOTA", 1)
    noord = opened(lease_times=2)
    path, lease = noord.lease([HEAD_CT])
    for _ in range(2):
        assert noord.client.get(path, headers=lease).status_code == 200
    page = noord.client.get(path, headers={**lease, "Accept": "text/html"})
    assert (page.status_code, "al vaak opgehaald" in page.text) == (429, True)
    assert 6 * 3600 - 60 < int(page.headers["retry-after"]) <= 6 * 3600
    again = noord.lease([HEAD_CT])
    assert noord.client.get(again[0], headers={**again[1], "Range": "bytes=0-9"}).status_code == 206
    wait_until(lambda: not [one for one in noord.house.slots._accounts.values() if one.sent != one.noted])
    noord.house.slots._accounts.clear()  # all that a restart forgets
    assert noord.client.get(path, headers=lease).status_code == 429


def test_the_end_of_a_share_stops_what_was_not_begun_and_lets_a_begun_one_be_resumed(opened):
    noord = opened()
    ends = in_seconds(20)
    begun, never_begun = (noord.lease([HEAD_CT], index=1, details_not_after=ends) for _ in range(2))
    whole = noord.client.get(begun[0], headers=begun[1]).content
    client = begin(noord, *begun)
    noord.clock.pass_by(seconds=21)
    client.drain()
    assert client.is_whole
    rest = noord.client.get(begun[0], headers={**begun[1], "Range": "bytes=5000000-"})
    assert (rest.status_code, rest.content == whole[5_000_000:]) == (206, True)
    path, lease = never_begun
    page = noord.client.get(path, headers={**lease, "Accept": "text/html"})
    assert (page.status_code, "Deze toegang is afgelopen" in page.text) == (403, True)
    assert noord.start(noord.portal.code(noord.url, [HEAD_CT], index=1, details_not_after=ends)).status_code == 401


def test_the_end_of_a_lease_ends_a_download_that_never_comes_to_an_end(opened):
    noord = opened(lease_hours=20 / 3600)
    path, lease = noord.lease([HEAD_CT])
    client = begin(noord, path, lease)
    noord.clock.pass_by(seconds=21)
    wait_until(lambda: not len(noord.house.transfers))
    client.drain()
    assert client.broken and not client.is_whole
    assert noord.client.get(path, headers=lease).status_code == 404


def test_a_receiver_who_takes_nothing_any_more_is_cut_off_and_may_come_back(opened):
    noord = opened(receiver_idle_seconds=2)
    sleeping, awake = noord.lease([HEAD_CT]), noord.lease([HEAD_CT])
    sleeper, reader = begin(noord, *sleeping), begin(noord, *awake)
    while len(noord.house.transfers) == 2:
        reader.read(65536)  # slowly, and still taking
        time.sleep(0.05)
    reader.drain()
    sleeper.drain()
    assert reader.is_whole
    assert sleeper.broken and not sleeper.is_whole
    assert noord.client.get(sleeping[0], headers={**sleeping[1], "Range": "bytes=9-"}).status_code == 206


def test_a_hold_stops_a_download_and_lifting_it_lets_it_be_resumed_while_a_revocation_does_not(opened):
    noord = opened()
    path, lease = noord.lease([HEAD_CT], index=3)
    whole = noord.client.get(path, headers=lease).content
    client = begin(noord, path, lease)
    noord.portal.states[3] = TokenStatus.SUSPENDED
    wait_until(lambda: not len(noord.house.transfers))
    client.drain()
    resume = {**lease, "Range": f"bytes={client.received}-"}
    held = noord.client.get(path, headers=resume)
    assert (held.status_code, held.json()["type"]) == (403, "urn:beeldpas:problem:share_suspended")
    del noord.portal.states[3]
    wait_until(lambda: noord.client.head(path, headers=lease).status_code == 200)
    assert whole[: client.received] + noord.client.get(path, headers=resume).content == whole
    noord.portal.states[3] = TokenStatus.INVALID
    wait_until(lambda: noord.client.head(path, headers=lease).status_code == 403)
    assert noord.client.get(path, headers=resume).json()["type"] == "urn:beeldpas:problem:share_revoked"


def test_a_new_lease_key_signs_and_the_old_one_is_believed_until_it_is_taken_out(tmp_path):
    file = tmp_path / "lease-keys"
    six_hours = timedelta(hours=6)
    before = LeaseSigner.from_file(file, six_hours).sign("a").reveal()
    assert file.stat().st_mode & 0o777 == 0o600
    old = file.read_text()
    file.write_text("a-key-that-is-new\n" + old)
    both = LeaseSigner.from_file(file, six_hours)
    after = both.sign("a").reveal()
    assert (both.lease_id(before), both.lease_id(after)) == ("a", "a")
    assert LeaseSigner([old.strip()], six_hours).lease_id(after) is None, "the newest key signs"
    file.write_text("a-key-that-is-new\n")
    alone = LeaseSigner.from_file(file, six_hours)
    assert (alone.lease_id(before), alone.lease_id(after)) == (None, "a")
