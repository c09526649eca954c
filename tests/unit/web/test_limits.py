"""Counting requests: whom a count is kept for, what is said when it is used up, and life without its store."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from beeldpas.domain.errors import Refused
from beeldpas.web import limits as room
from beeldpas.web.limits import Limits, LimitsSettings, site_of

PASSWORD = "not-in-any-log"


async def allowed(limits: Limits, most: int, tries: int, who: str = "192.0.2.7", kind: str = "code") -> int:
    """How many of these tries go through."""
    passed = 0
    for _ in range(tries):
        with suppress(Refused):
            await limits.spend(kind, most, who)
            passed += 1
    return passed


async def test_a_minutes_number_is_for_one_kind_and_one_asker() -> None:
    limits = Limits()
    assert await allowed(limits, 5, 8) == 5
    assert await allowed(limits, 5, 8, who="192.0.2.8") == 5
    assert await allowed(limits, 5, 8, kind="sign-in") == 5
    assert await allowed(limits, 5, 1) == 0


async def test_who_has_used_it_up_is_told_for_how_long_to_wait() -> None:
    limits = Limits()
    await limits.spend("code", 1, "x")
    with pytest.raises(Refused, match="too_many_requests") as refusal:
        await limits.spend("code", 1, "x")
    assert 1 <= int(refusal.value.detail["n"]) <= 60


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("", ""),
        ("testclient", ""),
    ],
)
def test_a_subscriber_is_one_however_many_addresses_they_have(address: str, site: str) -> None:
    assert site_of(address) == site


async def test_counts_of_ever_new_addresses_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_MOST_COUNTS", 50)
    limits = Limits()
    for number in range(500):
        await limits.spend("code", 5, f"192.0.2.{number}")
    assert len(limits._memory.storage) <= 51


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LimitsSettings]:
    """A Redis that asks for a password, on a UNIX socket of its own."""
    folder = tmp_path_factory.mktemp("redis")
    (folder / "password").write_text(f"{PASSWORD}\n")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--requirepass",
        PASSWORD,
        "--dir",
        str(folder),
    ]
    server = subprocess.Popen(["redis-server", *words], stdout=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield LimitsSettings(redis_url=f"redis://127.0.0.1:{port}/0", redis_password_file=folder / "password")
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(port: int) -> None:
    for _ in range(200):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.1):
            return
        with suppress(TimeoutError):
            subprocess.run(["sleep", "0.05"], check=True)
    raise RuntimeError("redis did not start")


async def test_several_processes_count_together_in_redis(redis: LimitsSettings) -> None:
    one, other = Limits(redis), Limits(redis)
    assert await allowed(one, 6, 4, who="together") == 4
    assert await allowed(other, 6, 4, who="together") == 2
    with pytest.raises(Refused) as refusal:
        await one.spend("code", 6, "together")
    assert 1 <= int(refusal.value.detail["n"]) <= 60
    await one.close()
    await other.close()


@pytest.mark.parametrize("reachable", [False, True])
async def test_without_its_redis_each_process_counts_for_itself_and_refuses_nobody_else(
    redis: LimitsSettings, reachable: bool, tmp_path: Path
) -> None:
    (tmp_path / "password").write_text("wrong")
    url = redis.redis_url if reachable else "redis://127.0.0.1:1/0"
    limits = Limits(LimitsSettings(redis_url=url, redis_password_file=tmp_path / "password"))
    assert await allowed(limits, 5, 8) == 5
    assert await allowed(limits, 5, 8, who="192.0.2.8") == 5
    await limits.close()


async def test_a_redis_that_says_nothing_costs_a_quarter_of_a_second_once() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        limits = Limits(LimitsSettings(redis_url=f"redis://127.0.0.1:{silent.getsockname()[1]}/0"))
        assert await allowed(limits, 5, 8) == 5
        assert limits._pause_until > 0
        await limits.close()
