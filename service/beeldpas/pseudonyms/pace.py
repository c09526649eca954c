"""How many people a program may ask about. Past that it gets no answer, and whoever keeps watch is told.

A program that somebody took over can ask about everybody, one number after another. It cannot be kept from asking
about those who sign in meanwhile; it can be kept from walking through all of them before anybody looks.
"""

import time
from collections.abc import Mapping

import structlog
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter
from prometheus_client import CollectorRegistry, Counter

from beeldpas.domain.errors import Refused
from beeldpas.pseudonyms.settings import CallerSettings

log = structlog.get_logger()
registry = CollectorRegistry()
asked = Counter("beeldpas_pseudonyms_people", "People that a program asked about", ["caller"], registry=registry)
refused = Counter("beeldpas_pseudonyms_refused", "People beyond a program's limit", ["caller"], registry=registry)
strangers = Counter("beeldpas_pseudonyms_strangers", "Questions that no known program signed", registry=registry)
_ALARM_SECONDS = 60.0
_PAUSE_SECONDS = 60


class Pace:
    """Counts people, not questions: a hundred in one question weigh as a hundred. Callers go by their issuer."""

    def __init__(self, callers: Mapping[str, CallerSettings]) -> None:
        self._callers = callers
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._alarmed: dict[str, float] = {}
        self.people = dict.fromkeys(callers, 0)

    async def spend(self, caller: str, people: int) -> None:
        """Count them. Raises: Refused("too_many_requests") when a limit of this caller does not allow so many."""
        limits = self._callers[caller].limits
        for limit in limits:
            if not await self._limiter.test(limit, caller, cost=people):
                refused.labels(self._callers[caller].name).inc(people)
                self._alarm(caller, str(limit))
                raise Refused("too_many_requests", {"n": _PAUSE_SECONDS})
        for limit in limits:
            await self._limiter.hit(limit, caller, cost=people)
        asked.labels(self._callers[caller].name).inc(people)
        self.people[caller] += people

    def _alarm(self, caller: str, limit: str) -> None:
        """Say so once a minute, however often it is tried."""
        now = time.monotonic()
        if now - self._alarmed.get(caller, -_ALARM_SECONDS) >= _ALARM_SECONDS:
            self._alarmed[caller] = now
            log.error("pseudonyms_limit_reached", caller=self._callers[caller].name, limit=limit)
