"""Who may download at once: two leases of a grant, eight connections of a lease, so many of the hospital."""

from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from tests.cast import NOW

from beeldpas.domain.errors import Refused, Unavailable
from beeldpas.domain.grant import Receiver
from beeldpas.gateway.leases import Lease
from beeldpas.gateway.release import Onlooker
from beeldpas.gateway.slots import CONNECTIONS_OF_A_LEASE, Slots

MEBIBYTE = 1024 * 1024
SIZE = 100 * MEBIBYTE
LEASE = Lease(
    id="a",
    issuer="https://portal.example",
    key=("https://portal.example/status/noord", 7),
    grant="grant-1",
    basis="share",
    purpose="TREAT",
    subject="receiver-1",
    receiver=Receiver("self-declared", "Dr. D. Dekker", "Kliniek De Linde"),
    studies=("1.2",),
    language="nl",
    generation=1,
    key_id="noord-1",
    ends_at=NOW + timedelta(hours=6),
    grant_ends_at=NOW + timedelta(days=1),
    sent=0,
    confirmed_generation=None,
    earlier_generation=None,
    onlooker=Onlooker(NOW.date(), stands_in=False),
)


class Clock:
    """Time as the test wants it."""

    now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def slots(clock: Clock) -> Slots:
    return Slots(12, clock)


def account(slots: Slots, name: str, **changed: object):
    return slots.account(replace(LEASE, id=name, **changed), SIZE, 4)


def refusal(slots: Slots, name: str, length: int = 1) -> tuple[str, object]:
    """Why, and after how many seconds, another answer of this lease is refused."""
    with pytest.raises((Refused, Unavailable)) as caught, slots.taken(account(slots, name), length):
        pass
    return caught.value.reason, caught.value.detail["n"]


def test_a_third_download_of_a_share_waits_until_one_has_left(slots, clock):
    with slots.taken(account(slots, "a"), 1):
        with slots.taken(account(slots, "b"), 1):
            assert refusal(slots, "c") == ("too_many_requests", 60)
        clock.now += timedelta(seconds=20)
        assert refusal(slots, "c") == ("too_many_requests", 40)
        clock.now += timedelta(seconds=40)
        with slots.taken(account(slots, "c"), 1):
            assert refusal(slots, "b")[0] == "too_many_requests", "who stayed away too long has lost the place"


def test_who_lost_the_connection_keeps_the_place_for_a_minute(slots, clock):
    for name in ("a", "b"):
        with slots.taken(account(slots, name), 1):
            pass
    clock.now += timedelta(seconds=59)
    with slots.taken(account(slots, "a"), 1):
        pass
    assert refusal(slots, "c") == ("too_many_requests", 1)


def test_another_share_is_not_in_the_way(slots):
    with ExitStack() as all_of_them:
        for name in ("a", "b"):
            all_of_them.enter_context(slots.taken(account(slots, name), 1))
        all_of_them.enter_context(slots.taken(account(slots, "x", grant="grant-2"), 1))
        all_of_them.enter_context(slots.taken(account(slots, "y", issuer="https://other.example"), 1))


def test_a_download_has_eight_connections_and_the_hospital_no_more_than_it_allows(slots):
    with ExitStack() as all_of_them:
        for _ in range(CONNECTIONS_OF_A_LEASE):
            all_of_them.enter_context(slots.taken(account(slots, "a"), 1))
        assert refusal(slots, "a") == ("too_many_requests", 5)
        for _ in range(12 - CONNECTIONS_OF_A_LEASE):
            all_of_them.enter_context(slots.taken(None, 1))
        assert refusal(slots, "b") == ("hospital_busy", 30)
    with slots.taken(account(slots, "a"), 1):
        pass


def test_a_place_that_was_refused_or_failed_is_not_lost(slots):
    with pytest.raises(OSError), slots.taken(account(slots, "a"), 1):
        raise OSError
    for _ in range(20):
        with slots.taken(account(slots, "a"), 1):
            pass


def test_resuming_fits_the_quota_and_fetching_for_ever_does_not(slots):
    found = account(slots, "a")
    for _ in range(4):
        with slots.taken(found, SIZE):
            found.sent += SIZE
    assert not found.is_used_up
    assert refusal(slots, "a", SIZE) == ("download_used_up", 6 * 3600)
    found.sent += 1
    assert found.is_used_up


def test_a_small_archive_has_a_quota_that_broken_lines_do_not_use_up(slots):
    small = slots.account(LEASE, 1000, 4)
    with slots.taken(small, 60 * MEBIBYTE):
        pass


def test_what_was_sent_before_a_restart_counts(clock):
    again = Slots(12, clock)
    found = again.account(replace(LEASE, sent=4 * SIZE), SIZE, 4)
    with pytest.raises(Refused, match="download_used_up"), again.taken(found, 1):
        pass
