"""The histories that come together right now, one for each visit: shown before they are whole, asked for once.

Kept in this process only, in bounded number, and for a minute after they are whole, so that a page can be shown again
with what came since. A visit finds its own and no other; when it ends, what runs is cancelled and what was found is
gone. A process that has none begins one anew. docs/decisions/0047-history-as-it-comes.md.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from secrets import token_hex

from beeldpas.domain.errors import Refused
from beeldpas.domain.timeline import Timeline
from beeldpas.portal.registries.gather import Gathering

KEPT_SECONDS = 60.0
MOST = 300
_LISTENERS = 4


@dataclass(slots=True)
class Kept:
    """One history of a visit, in one language. `name` stands in addresses and opens nothing to another visit.

    `insists`: it also asks who is left alone for a while. `is_recorded`: the access log has a row of it.
    """

    visit: str
    language: str
    insists: bool
    gathering: Gathering
    name: str = field(default_factory=lambda: token_hex(8))
    is_recorded: bool = False
    is_over: bool = False
    listeners: int = 0
    recording: asyncio.Lock = field(default_factory=asyncio.Lock)
    task: asyncio.Task[None] | None = None
    end: asyncio.TimerHandle | None = None

    @property
    def is_whole(self) -> bool:
        """Say whether everybody answered or had their time, and what follows from it is done."""
        return self.task is not None and self.task.done()

    def now(self) -> Timeline:
        """Return what is known. Raises: Refused("session_ended") when its visit is over; what broke it."""
        if self.is_over:
            raise Refused("session_ended")
        if self.task is not None and self.task.done() and not self.task.cancelled():
            self.task.result()
        return self.gathering.timeline()

    async def whole(self) -> Timeline:
        """Wait for all of it. Raises: as `now`."""
        if self.task is not None:
            await asyncio.wait([self.task])
        return self.now()

    async def first(self, patience_s: float, longest_s: float) -> Timeline:
        """Wait for the first studies and a little more, or for all of it; at most `longest_s` for the first.

        Raises: as `now`.
        """
        loop = asyncio.get_running_loop()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(longest_s) as limit:
                await self.gathering.wait_for_studies()
                limit.reschedule(loop.time() + patience_s)
                await self.whole()
        return self.now()

    @contextlib.contextmanager
    def heard(self) -> Iterator[bool]:
        """Count who listens while it comes together; gives False when too many do."""
        self.listeners += 1
        try:
            yield self.listeners <= _LISTENERS
        finally:
            self.listeners -= 1

    def let_go(self) -> None:
        """Ask nobody any more, and forget what was found when its time is up."""
        if self.task is not None:
            self.task.cancel()
        if self.end is not None:
            self.end.cancel()


class Gatherings:
    """The histories of all visits of one process."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: dict[str, Kept] = {}

    def running(self, visit: str, language: str) -> Kept | None:
        """Return what is being gathered for this visit in this language; None when nothing is."""
        kept = self._kept.get(visit)
        return kept if kept and kept.language == language and not kept.is_whole else None

    def named(self, visit: str, language: str, name: str) -> Kept | None:
        """Return this visit's history of that name, whole or not, as long as it is kept."""
        kept = self._kept.get(visit)
        return kept if kept and kept.language == language and kept.name == name else None

    def begin(self, kept: Kept, afterwards: Callable[[Timeline], Awaitable[None]]) -> bool:
        """Begin to gather, instead of what the visit had; `afterwards` is done with the whole before it is whole.

        Returns whether it is kept: where there is no room, it must be waited for until it is whole.
        """
        if before := self._kept.pop(kept.visit, None):
            before.let_go()
        kept.task = asyncio.create_task(self._run(kept, afterwards))
        kept.task.add_done_callback(lambda done: done.cancelled() or done.exception())  # who waits is told
        if not kept.visit or not self._has_room():
            return False
        self._kept[kept.visit] = kept
        return True

    def end(self, visit: str) -> None:
        """Let go of what a visit has, since it ended: whoever waits for it is shown nothing any more."""
        if kept := self._kept.pop(visit, None):
            kept.is_over = True
            kept.let_go()

    async def close(self) -> None:
        """Let go of everything."""
        tasks = [kept.task for kept in self._kept.values() if kept.task]
        for visit in list(self._kept):
            self.end(visit)
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, kept: Kept, afterwards: Callable[[Timeline], Awaitable[None]]) -> None:
        await kept.gathering.run()
        await afterwards(kept.gathering.timeline())
        kept.end = asyncio.get_running_loop().call_later(KEPT_SECONDS, self._drop, kept)

    def _drop(self, kept: Kept) -> None:
        if self._kept.get(kept.visit) is kept:
            del self._kept[kept.visit]

    def _has_room(self) -> bool:
        """Make room by what is whole, the oldest first; what still runs is not taken from anybody."""
        if len(self._kept) < self._most:
            return True
        oldest = next((visit for visit, kept in self._kept.items() if kept.is_whole), None)
        if oldest is not None:
            self._kept.pop(oldest).let_go()
        return oldest is not None
