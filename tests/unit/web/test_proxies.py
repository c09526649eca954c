"""Whose word about an address is believed: the proxies of the settings, read from the right, and nobody else's."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send

from beeldpas.web.proxies import TrustedProxies, address_behind, read_address

OURS = (ip_network("10.0.0.0/24"), ip_network("fd00::/64"))


async def client_seen(peer: tuple[str, int] | None, *fields: str, trusted: Any = OURS, **others: str) -> Any:
    """Who an application believes to be asking."""
    seen: list[Any] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["client"])

    headers = [(b"x-forwarded-for", field.encode("latin-1")) for field in fields]
    headers += [(name.replace("_", "-").encode(), value.encode()) for name, value in others.items()]
    await TrustedProxies(app, trusted)({"type": "http", "client": peer, "headers": headers}, None, None)  # type: ignore[arg-type]
    return seen[0]


async def test_an_address_that_a_stranger_writes_is_believed_by_nobody() -> None:
    stranger = ("192.0.2.7", 4711)
    assert await client_seen(stranger, "198.51.100.1") == stranger
    assert await client_seen(stranger, "198.51.100.1", trusted=()) == stranger
    assert await client_seen(("127.0.0.1", 1), "198.51.100.1") == ("127.0.0.1", 1)


async def test_the_address_that_our_proxy_saw_counts_and_what_stands_left_of_it_does_not() -> None:
    proxy = ("10.0.0.5", 4711)
    assert await client_seen(proxy, "192.0.2.7") == ("192.0.2.7", 0)
    assert await client_seen(proxy, "127.0.0.1, 10.0.0.9, 192.0.2.7") == ("192.0.2.7", 0)
    assert await client_seen(proxy, "127.0.0.1", "198.51.100.1,192.0.2.7") == ("192.0.2.7", 0)


async def test_our_own_proxies_in_a_row_are_passed_over() -> None:
    proxy = ("10.0.0.5", 4711)
    assert await client_seen(proxy, "127.0.0.1, 192.0.2.7, 10.0.0.9", "10.0.0.8") == ("192.0.2.7", 0)
    assert await client_seen(proxy, "10.0.0.9, 10.0.0.8") == ("10.0.0.9", 0)


async def test_other_fields_about_the_way_are_not_looked_at() -> None:
    proxy = ("10.0.0.5", 4711)
    seen = await client_seen(
        proxy, forwarded="for=192.0.2.7", x_real_ip="192.0.2.7", x_forwarded_host="evil.example", via="1.1 x"
    )
    assert seen == proxy


async def test_who_comes_through_the_unix_socket_is_a_proxy() -> None:
    assert await client_seen(None, "192.0.2.7", trusted=()) == ("192.0.2.7", 0)
    assert await client_seen(None, trusted=()) is None
    assert await client_seen(None, "nonsense", trusted=()) is None


@pytest.mark.parametrize(
    "garbage",
    ["", " ", "unknown", "_hidden", "192.0.2", "192.0.2.7.9", "192.0.2.7:x", "[::1", "::1]", "fe80::1%eth0",
     "010.1.1.1", "192.0.2.7 evil", "<script>", "\xff\x00", "1" * 5000, "[2001:db8::1]x", "[2001:db8::1]:"],
)  # fmt: skip
async def test_garbage_is_no_address_and_nothing_left_of_it_is_read(garbage: str) -> None:
    proxy = ("10.0.0.5", 4711)
    assert read_address(garbage.strip()) is None
    assert await client_seen(proxy, garbage) == proxy
    assert await client_seen(proxy, f"192.0.2.7, {garbage}") == proxy
    assert await client_seen(proxy, f"192.0.2.7, {garbage}, 10.0.0.8") == ("10.0.0.8", 0)


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("192.0.2.7:4711", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:0DB8:0:0::1", "2001:db8::1"),
    ],
)
async def test_an_address_may_be_written_in_several_ways(written: str, address: str) -> None:
    assert await client_seen(("fd00::2", 1), written) == (address, 0)
    assert await client_seen(("::ffff:10.0.0.5", 1), written) == (address, 0)


@given(st.lists(st.text(st.characters(max_codepoint=255), max_size=60), max_size=6), st.ip_addresses())
def test_whatever_a_visitor_writes_the_address_that_our_proxy_adds_is_the_one(said: list[str], visitor: Any) -> None:
    if any(visitor.version == network.version and visitor in network for network in OURS):
        return
    expected = getattr(visitor, "ipv4_mapped", None) or visitor
    if not any(expected.version == network.version and expected in network for network in OURS):
        assert address_behind([*said, str(visitor)], OURS) == ip_address(str(expected))
