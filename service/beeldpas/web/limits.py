"""How often somebody may ask for something that is worth guessing at or costly to answer.

Each kind of request has its own count, of a minute, kept for whoever it is fair to hold to it: an address, a
signed-in person, a program that proved who it is. The counts stand in this process, or in a Redis that several
processes share. When that Redis does not answer, each process counts for itself until it does: nobody is shut out
for a counter that is away, and what must never be exceeded (ten looks at a PIN) is no count of this kind but a row of
the database. *Source:* RFC 6585 §4 (429), RFC 9110 §10.2.3 (Retry-After); docs/decisions/0030-limits.md.
"""

import time
from asyncio import timeout
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from pathlib import Path

import structlog
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import StorageError
from pydantic import Field

from beeldpas.domain.errors import Refused
from beeldpas.web.settings import Part

_PATIENCE_SECONDS = 0.25
_PAUSE_SECONDS = 5.0
_MOST_COUNTS = 20_000  # in this process; the library looks through all of them whenever one is counted
_SITE_BITS = 64
log = structlog.get_logger()


class LimitsSettings(Part):
    """Where counts are kept; a program adds how many a minute it allows of what."""

    redis_url: str | None = Field(default=None, description="redis:// or rediss://, without a password")
    redis_password_file: Path | None = None


class Limits:
    """The counts of one program."""

    def __init__(self, settings: LimitsSettings | None = None) -> None:
        self._memory = MemoryStorage()
        self._here = FixedWindowRateLimiter(self._memory)
        self._redis = _redis(settings) if settings and settings.redis_url else None
        self._shared = FixedWindowRateLimiter(self._redis) if self._redis else None
        self._pause_until = 0.0

    async def spend(self, kind: str, per_minute: int, who: str) -> None:
        """Count one request of this kind for whoever asks.

        Raises: Refused("too_many_requests", {"n": seconds}) when the minute's number is used up.
        """
        item = RateLimitItemPerMinute(per_minute)
        seconds = await self._ask_shared(item, kind, who)
        if seconds is None:
            if len(self._memory.storage) > _MOST_COUNTS:
                await self._memory.reset()
            seconds = await _count(self._here, item, kind, who)
        if seconds:
            log.warning("too_many_requests", kind=kind)
            raise Refused("too_many_requests", {"n": seconds})

    async def close(self) -> None:
        """Let go of the Redis."""
        if self._redis is not None:
            await self._redis.bridge.storage.aclose()  # type: ignore[attr-defined]  # the client of Redis

    async def _ask_shared(self, item: RateLimitItemPerMinute, kind: str, who: str) -> int | None:
        """Return for how long to wait, by the counts that are shared; None when there are none to ask now."""
        if self._shared is None or time.monotonic() < self._pause_until:
            return None
        try:
            async with timeout(_PATIENCE_SECONDS):
                return await _count(self._shared, item, kind, who)
        except (StorageError, TimeoutError):
            self._pause_until = time.monotonic() + _PAUSE_SECONDS
            log.warning("limits_counted_here", seconds=_PAUSE_SECONDS)
            return None


def site_of(address: str) -> str:
    """Return what one subscriber has at least: an IPv4 address, or the /64 of an IPv6 address; "" for none."""
    try:
        known = ip_address(address)
    except ValueError:
        return ""
    return str(ip_network((known, _SITE_BITS), strict=False)) if isinstance(known, IPv6Address) else str(known)


async def _count(limiter: FixedWindowRateLimiter, item: RateLimitItemPerMinute, kind: str, who: str) -> int:
    """Count, and return 0, or the seconds until the minute is over."""
    if await limiter.hit(item, kind, who):
        return 0
    stats = await limiter.get_window_stats(item, kind, who)
    return max(1, ceil(stats.reset_time - time.time()))


def _redis(settings: LimitsSettings) -> RedisStorage:
    secret = {"password": settings.redis_password_file.read_text().strip()} if settings.redis_password_file else {}
    return RedisStorage(
        f"async+{settings.redis_url}", wrap_exceptions=True, implementation="redispy", key_prefix="beeldpas", **secret
    )
