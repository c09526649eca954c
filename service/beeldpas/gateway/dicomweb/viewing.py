"""Looking at studies: many requests of one receiver, written down as one use.

A viewer asks for a thousand frames; a line in the patient's log for each would hide what happened. What one
receiver fetches of the same studies within a minute is one use: written down before the first byte leaves, told when
the minute is over or nothing was asked for ten seconds. *Source:* docs/wire.md §6.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog
from starlette.types import Scope

from beeldpas.audit.events import Use as UseKind
from beeldpas.domain.errors import Refused
from beeldpas.gateway import metrics
from beeldpas.gateway.deliveries import Seen
from beeldpas.gateway.transfers import Key, Outcome, Transfer, Transfers
from beeldpas.gateway.uses import Holder, Use, Uses

LONGEST = timedelta(seconds=60)
IDLE = timedelta(seconds=10)
_MOST_AT_ONCE = 64
_ARCHIVES_ALONE = 10
_ANYTHING = Seen()
log = structlog.get_logger()


@dataclass(slots=True, eq=False)
class Viewing:
    """One use under way: its transfer counts all bytes, and cutting that one cuts every request of it."""

    use: Use
    transfer: Transfer
    counted: ExitStack
    begun: datetime
    last: datetime
    requests: dict[Callable[[], None], Callable[[], int]] = field(default_factory=dict)
    instances: set[str] = field(default_factory=set)
    has_all: bool = False
    cut_at: int = 0
    to_the_end: bool = False
    is_broken: bool = False
    count: int = 0

    @contextmanager
    def request(self, scope: Scope, instances: Iterable[str]) -> Iterator[Transfer]:
        """Count one request as part of it for the length of the block; no instances: all of its studies.

        Raises: Refused.
        """
        abort = scope["beeldpas.abort"]
        if self.transfer.outcome != "running":
            raise Refused("invalid_token")
        if len(self.requests) >= _MOST_AT_ONCE:
            raise Refused("too_many_requests", {"n": 1})
        self.requests[abort] = scope["beeldpas.unsent"]
        seen = set(instances)
        self.has_all |= not seen
        self.instances |= seen
        self.count += 1
        try:
            yield self.transfer
        finally:
            self.requests.pop(abort, None)

    def ended(self, number: int, outcome: Outcome, *, to_the_end: bool) -> None:
        """Note how request `number` of known length ended: a cut counts until one that began later is whole."""
        if outcome != "completed":
            self.cut_at = self.count
        elif number > self.cut_at:
            self.cut_at = 0
        self.to_the_end |= to_the_end and outcome == "completed"

    def cut(self) -> None:
        """Break off every request of it; when none runs, what there was came through and stays so."""
        self.is_broken |= bool(self.requests)
        for abort in list(self.requests):
            abort()

    def unsent(self) -> int:
        """Return how much of all its requests nobody has taken yet."""
        return sum(unsent() for unsent in list(self.requests.values()))

    def is_over(self, now: datetime) -> bool:
        """Say whether it is time to tell of it."""
        return not self.requests and (self.transfer.outcome != "running" or now >= self.last + IDLE)


class Viewings:
    """All that are under way in this process."""

    def __init__(self, uses: Uses, transfers: Transfers, clock: Callable[[], datetime]) -> None:
        self._uses = uses
        self._transfers = transfers
        self._clock = clock
        self._open: dict[tuple[str, ...], Viewing] = {}
        self._leaving: list[Viewing] = []
        self._archives: dict[tuple[str, str], tuple[datetime, int]] = {}
        self._beginning = asyncio.Lock()

    def folds(self, kind: UseKind, holder: Holder) -> bool:
        """Count an answer that begins, and say whether it is told together with others.

        What a viewer asks for always is; an archive from the eleventh answer of a grant within a minute on, since
        then it is fetched in pieces. Until then each download has lines of its own.
        """
        if kind is UseKind.RETRIEVE:
            return True
        now, name = self._clock(), (holder.issuer, holder.grant)
        begun, count = self._archives.get(name, (now, 0))
        if now >= begun + LONGEST:
            begun, count = now, 0
        self._archives[name] = begun, count + 1
        return count >= _ARCHIVES_ALONE

    async def join(
        self,
        holder: Holder,
        key: Key,
        studies: Sequence[str],
        most: int,
        address: str = "",
        kind: UseKind = UseKind.RETRIEVE,
        seen: Seen = _ANYTHING,
    ) -> Viewing:
        """Return the use that a request belongs to, written down with the address of its first request.

        `most`: transfers that may run at a time. What is made from another generation of the index is another use.

        Raises: Refused("too_many_requests"); Unavailable("database"), and then nothing may be sent.
        """
        now, state = self._clock(), "" if seen.generation is None else str(seen.generation)
        name = (holder.issuer, holder.grant, holder.subject, kind.value, state, *studies)
        found = self._current(name, now)
        if found is None:
            async with self._beginning:
                found = self._current(name, now) or await self._begin(
                    name, holder, key, studies, most, address, kind, seen
                )
        found.last = now
        return found

    async def tidy(self) -> None:
        """Tell of those that are over."""
        now = self._clock()
        self._archives = {name: one for name, one in self._archives.items() if now < one[0] + LONGEST}
        for name, viewing in list(self._open.items()):
            if viewing.is_over(now) or now >= viewing.begun + LONGEST:
                self._leaving.append(self._open.pop(name))
        for viewing in [one for one in self._leaving if not one.requests]:
            self._leaving.remove(viewing)
            await self._end(viewing)

    async def close(self) -> None:
        """Tell of all, over or not: what still runs is cut with the program."""
        ending, self._leaving = [*self._open.values(), *self._leaving], []
        self._open.clear()
        for viewing in ending:
            if viewing.requests:
                viewing.transfer.cut("cut")
            await self._end(viewing)

    def _current(self, name: tuple[str, ...], now: datetime) -> Viewing | None:
        found = self._open.get(name)
        if found is None or (found.transfer.outcome == "running" and now < found.begun + LONGEST):
            return found
        self._leaving.append(self._open.pop(name))
        return None

    async def _begin(
        self,
        name: tuple[str, ...],
        holder: Holder,
        key: Key,
        studies: Sequence[str],
        most: int,
        address: str,
        kind: UseKind,
        seen: Seen,
    ) -> Viewing:
        if len(self._transfers) >= most:
            raise Refused("too_many_requests", {"n": 30})
        use = await self._uses.begin(kind, holder, studies, Seen(seen.generation), address)
        now = self._clock()
        transfer = Transfer(
            key=key,
            event_id=use.event_id,
            abort=lambda: viewing.cut(),
            unsent=lambda: viewing.unsent(),
            rests=lambda: not viewing.requests,
            studies=use.studies,
            generation=use.seen.generation or 0,
        )
        counted = ExitStack()
        counted.enter_context(self._transfers.under_way(transfer))
        viewing = Viewing(use, transfer, counted, now, now)
        self._open[name] = viewing
        return viewing

    async def _end(self, viewing: Viewing) -> None:
        """Write down how it went, and which images were looked at."""
        viewing.counted.close()
        ended: Outcome = "cut" if viewing.cut_at else "completed"
        outcome = viewing.transfer.outcome if viewing.is_broken else ended
        instances = () if viewing.has_all else tuple(sorted(viewing.instances))
        seen = replace(viewing.use.seen, instances=instances, to_the_end=viewing.to_the_end)
        log.info("viewing", event_id=viewing.use.event_id, requests=viewing.count, outcome=outcome)
        metrics.uses_ended.labels(viewing.use.kind, outcome).inc()
        metrics.bytes_served.inc(viewing.transfer.sent)
        await self._uses.end(replace(viewing.use, seen=seen), outcome, viewing.transfer.sent)
