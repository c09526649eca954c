"""Status lists at a gateway: fresh, never older than before, and what they end is cut."""

import asyncio
from datetime import datetime, timedelta
from email.utils import format_datetime

import httpx2
import pytest
from joserfc.jwk import KeySet
from structlog.testing import capture_logs
from tests.cast import NOW

from beeldpas.domain.errors import Refused, Unavailable
from beeldpas.formats.jose import new_key, sign
from beeldpas.formats.statuslist import TokenStatus, pack
from beeldpas.gateway import status
from beeldpas.gateway.settings import IssuerSettings
from beeldpas.gateway.status import StatusBook, StatusPoller
from beeldpas.gateway.tokens import TrustedIssuer
from beeldpas.gateway.transfers import Transfer, Transfers
from beeldpas.web import steady

PORTAL = "https://portal.example"
URI = f"{PORTAL}/status/noord"
KEY = KeySet([new_key("portal-1")])


class Clock:
    """Time as the test wants it."""

    now = NOW

    def __call__(self) -> datetime:
        return self.now


class Ticks:
    """The clock that nobody sets."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def book(clock: Clock, ticks: Ticks, tmp_path) -> StatusBook:
    settings = IssuerSettings(
        iss=PORTAL,
        keys_file=tmp_path,
        status_uri=URI,
        token_endpoint=f"{PORTAL}/token",
        uses_endpoint=f"{PORTAL}/uses",
        bases=frozenset({"share"}),
    )
    return StatusBook([TrustedIssuer(settings, KEY)], clock, ticks)


def signed(*states: tuple[int, TokenStatus], at: datetime = NOW, key: KeySet = KEY, **changed: object) -> str:
    claims = {
        "iss": PORTAL,
        "sub": URI,
        "iat": int(at.timestamp()),
        "exp": int(at.timestamp()) + 30,
        "ttl": 1,
        "status_list": {"bits": 2, "lst": pack(64, states)},
    }
    return sign(claims | changed, typ="statuslist+jwt", key=key)


def test_without_a_list_nothing_is_served(book):
    with pytest.raises(Unavailable, match="status_unknown"):
        book.require((URI, 7))


def test_each_state_has_its_own_answer(book):
    book.take(URI, signed((1, TokenStatus.INVALID), (2, TokenStatus.SUSPENDED)), "")
    assert [book.state((URI, index)) for index in (0, 1, 2, 64)] == ["valid", "revoked", "suspended", "revoked"]
    book.require((URI, 0))
    with pytest.raises(Refused, match="share_revoked"):
        book.require((URI, 1))
    with pytest.raises(Refused, match="share_suspended"):
        book.require((URI, 2))


def test_a_list_past_its_end_says_nothing_any_more(book, clock):
    book.take(URI, signed(), "")
    clock.now = NOW + timedelta(seconds=30)
    assert (book.is_fresh(URI), book.state((URI, 0))) == (False, "unknown")


def test_a_replayed_older_list_is_refused_and_the_newer_one_stays(book, clock):
    old = signed()
    clock.now = NOW + timedelta(seconds=5)
    book.take(URI, signed((7, TokenStatus.INVALID), at=clock.now), "")
    with pytest.raises(Refused, match="invalid_token"):
        book.take(URI, old, "")
    assert book.state((URI, 7)) == "revoked"


def test_of_two_lists_of_one_second_what_either_ends_is_ended(book, clock):
    before, after = signed((1, TokenStatus.SUSPENDED)), signed((7, TokenStatus.INVALID))
    for token in (before, after, before):
        book.take(URI, token, "")
    assert [book.state((URI, index)) for index in (0, 1, 7)] == ["valid", "suspended", "revoked"]
    clock.now = NOW + timedelta(seconds=1)
    book.take(URI, signed((7, TokenStatus.INVALID), at=clock.now), "")
    assert book.state((URI, 1)) == "valid"


def test_the_same_list_sent_again_lives_no_longer(book, ticks):
    for _ in range(31):
        book.take(URI, signed(), "")
        ticks.now += 1
    assert not book.is_fresh(URI)


def test_a_clock_that_is_set_back_does_not_lengthen_the_life_of_a_list(book, clock, ticks):
    book.take(URI, signed(), "")
    clock.now = NOW - timedelta(hours=1)
    ticks.now += 29
    assert book.state((URI, 0)) == "valid"
    ticks.now += 1
    assert book.state((URI, 0)) == "unknown"


@pytest.mark.parametrize(
    "changed",
    [
        {"sub": f"{PORTAL}/status/west"},
        {"iss": "https://evil.example"},
        {"exp": int(NOW.timestamp())},
        {"exp": int(NOW.timestamp()) + 3600},
        {"at": NOW + timedelta(seconds=31)},
        {"status_list": {"bits": 1, "lst": pack(8, [])}},
        {"status_list": None},
        {"key": KeySet([new_key("portal-1")])},
    ],
)
def test_a_list_that_is_not_this_issuers_is_refused(book, changed):
    with pytest.raises(Refused, match="invalid_token"):
        book.take(URI, signed(**changed), "")
    assert book.state((URI, 0)) == "unknown"


def answering(*answers: httpx2.Response | Exception) -> tuple[httpx2.AsyncClient, list[httpx2.Request]]:
    asked: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        found = answers[len(asked) - 1]
        if isinstance(found, Exception):
            raise found
        return found

    return httpx2.AsyncClient(transport=httpx2.MockTransport(answer)), asked


async def test_the_poller_asks_with_the_tag_it_has_and_a_304_does_not_refresh(book, clock):
    first = httpx2.Response(200, text=signed(), headers={"ETag": '"1"'})
    client, asked = answering(first, httpx2.Response(304))
    poller = StatusPoller(book, client, Transfers())
    await poller.fetch(URI)
    await poller.fetch(URI)
    assert [request.headers.get("If-None-Match") for request in asked] == [None, '"1"']
    clock.now = NOW + timedelta(seconds=30)
    assert book.state((URI, 0)) == "unknown"


async def test_once_a_list_has_ended_the_next_must_come_whole(book, clock):
    known = httpx2.Response(200, text=signed(), headers={"ETag": '"1"'})
    client, asked = answering(known, httpx2.Response(304))
    poller = StatusPoller(book, client, Transfers())
    await poller.fetch(URI)
    clock.now = NOW + timedelta(seconds=30)
    await poller.fetch(URI)
    assert "If-None-Match" not in asked[1].headers


@pytest.mark.parametrize(("ahead", "told"), [(0, 0), (5, 0), (45, 45), (-45, -45)])
async def test_clocks_that_differ_are_told(book, clock, ahead, told):
    clock.now = NOW + timedelta(seconds=ahead)
    client, _ = answering(httpx2.Response(200, text=signed(), headers={"Date": format_datetime(NOW, usegmt=True)}))
    poller = StatusPoller(book, client, Transfers())
    with capture_logs() as logs:
        await poller.fetch(URI)
    assert poller.skew_seconds == told
    assert [entry.get("clock_ahead_seconds", 0) for entry in logs] == [told]
    assert book.is_fresh(URI) is (abs(ahead) < 30), "a list of another time is not believed"


async def test_a_failure_is_told_once_and_so_is_its_end(book):
    down, fine = httpx2.Response(503), httpx2.Response(200, text=signed())
    client, _ = answering(fine, down, down, down, fine)
    poller = StatusPoller(book, client, Transfers())
    with capture_logs() as logs:
        for _ in range(5):
            await poller.fetch(URI)
    assert [entry["event"] for entry in logs] == ["status_list_taken", "status_list_refused", "status_list_taken"]


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.ConnectError("down"),
        httpx2.Response(500),
        httpx2.Response(200, text="rubbish"),
        httpx2.Response(200, text=signed(at=NOW - timedelta(hours=1))),
        httpx2.Response(302, headers={"Location": "https://evil.example"}),
    ],
)
async def test_a_portal_that_fails_leaves_what_is_known(book, answer):
    client, _ = answering(httpx2.Response(200, text=signed((7, TokenStatus.INVALID))), answer)
    poller = StatusPoller(book, client, Transfers())
    await poller.fetch(URI)
    await poller.fetch(URI)
    assert (book.state((URI, 0)), book.state((URI, 7))) == ("valid", "revoked")


def running(transfers: Transfers, index: int, cut: list[int]):
    return transfers.under_way(Transfer((URI, index), f"event-{index}", lambda: cut.append(index)))


async def test_the_poller_cuts_what_a_list_ends_and_spares_the_rest(book):
    cut: list[int] = []
    transfers = Transfers()
    poller = StatusPoller(book, answering()[0], transfers)
    with running(transfers, 1, cut) as doomed, running(transfers, 2, cut) as spared:
        book.take(URI, signed(), "")
        poller.enforce(URI)
        assert cut == []
        book.take(URI, signed((1, TokenStatus.INVALID)), "")
        poller.enforce(URI)
        poller.enforce(URI)
    assert (cut, doomed.outcome, spared.outcome) == ([1], "revoked", "running")
    assert len(transfers) == 0


async def test_a_hold_cuts_what_runs_and_is_no_revocation(book):
    cut: list[int] = []
    transfers = Transfers()
    with running(transfers, 1, cut) as held:
        book.take(URI, signed((1, TokenStatus.SUSPENDED)), "")
        StatusPoller(book, answering()[0], transfers).enforce(URI)
    assert (cut, held.outcome) == ([1], "cut")


async def test_the_poller_cuts_everything_when_nobody_can_say_any_more(book, clock):
    cut: list[int] = []
    transfers = Transfers()
    with running(transfers, 1, cut) as transfer:
        book.take(URI, signed(), "")
        clock.now = NOW + timedelta(seconds=31)
        StatusPoller(book, answering()[0], transfers).enforce(URI)
    assert (cut, transfer.outcome) == ([1], "cut")


async def test_what_breaks_the_reader_of_a_list_keeps_nothing_running_and_is_tried_again(book, clock, monkeypatch):
    """An answer that nobody foresaw must not leave a stopped share downloading for as long as it likes."""
    monkeypatch.setattr(status, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(steady, "AGAIN_SECONDS", 0.01)
    cut: list[int] = []
    transfers = Transfers()
    client, asked = answering(*[MemoryError()] * 1000)
    with running(transfers, 1, cut) as transfer:
        book.take(URI, signed(), "")
        clock.now = NOW + timedelta(seconds=31)
        following = asyncio.create_task(StatusPoller(book, client, transfers).run())
        async with asyncio.timeout(5):
            while len(asked) < 3:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        following.cancel()
    assert (cut, transfer.outcome) == ([1], "cut")
