"""Leaving a source alone that failed several times in a row: it is named at once, and asked again a little later.

Three states (Nygard, *Release It!*): as long as a source answers it is asked; after some failures in a row nobody
waits for it any more; when the pause is over one question tries it, and what becomes of that one decides for all. A
patient who presses "try again" may try it earlier, but there is one such try at a time, and some seconds between two.
Each process finds out for itself. docs/decisions/0047-history-as-it-comes.md.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

_SECONDS_BETWEEN_TRIES = 2.0
log = structlog.get_logger()


@dataclass(slots=True)
class Breaker:
    """One source: after `most` failures in a row it is left alone for `pause_s` seconds."""

    name: str
    most: int
    pause_s: float
    clock: Callable[[], float]
    failures: int = 0
    _again_at: float = 0.0
    _tried_at: float = 0.0
    _is_tried: bool = False

    @property
    def is_open(self) -> bool:
        """Say whether the source is left alone, but for a try."""
        return self.failures >= self.most

    def lets(self, *, insists: bool) -> bool:
        """Say whether to ask the source now; who is let must come back with `answered`, `failed` or `unknown`."""
        if not self.is_open:
            return True
        now = self.clock()
        may_try = now >= self._again_at or (insists and now >= self._tried_at + _SECONDS_BETWEEN_TRIES)
        if self._is_tried or not may_try:
            return False
        self._is_tried, self._tried_at = True, now
        return True

    def answered(self) -> None:
        """The source answered: all is well again."""
        if self.is_open:
            log.info("source_back", source=self.name)
        self.failures, self._is_tried = 0, False

    def failed(self) -> None:
        """The source did not answer; from the last failure that it may have, or a failed try, the pause begins."""
        was_tried, self._is_tried = self._is_tried, False
        self.failures += 1
        if not self.is_open:
            return
        self._tried_at = self.clock()
        self._again_at = self._tried_at + self.pause_s
        if was_tried or self.failures == self.most:
            log.warning("source_left_alone", source=self.name, seconds=self.pause_s)

    def unknown(self) -> None:
        """Nobody waited for the answer, or it said nothing about how well the source is."""
        self._is_tried = False


@dataclass(frozen=True, slots=True)
class Breakers:
    """The breakers of all sources that one process asks."""

    most: int = 5
    pause_s: float = 20.0
    clock: Callable[[], float] = time.monotonic
    _known: dict[str, Breaker] = field(default_factory=dict)

    def of(self, source: str) -> Breaker:
        """Return the breaker of a source."""
        if source not in self._known:
            self._known[source] = Breaker(source, self.most, self.pause_s, self.clock)
        return self._known[source]
