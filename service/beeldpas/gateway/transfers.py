"""The answers that are under way, by the entry of the status list that can end them.

The poller of the status lists cuts them itself, by the seam to the connection; what is cut cannot end well.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from beeldpas.gateway.account import Account

Outcome = Literal["running", "completed", "cut", "revoked"]
Key = tuple[str, int]


@dataclass(slots=True, eq=False)
class Transfer:
    """One answer: how many bytes went out, and how it stands; its studies are those of a generation of the index."""

    key: Key
    event_id: str
    abort: Callable[[], None]
    studies: tuple[str, ...] = ()
    generation: int = 0
    unsent: Callable[[], int] = lambda: 0
    rests: Callable[[], bool] = lambda: False
    account: Account | None = None
    sent: int = 0
    outcome: Outcome = "running"
    part_of: "Transfer | None" = None
    _taken: tuple[int, int] = (0, 0)
    _taken_at: datetime | None = None

    def count(self, length: int) -> None:
        """Count bytes that go out: for the answer, the use that it is a part of, and the lease that it belongs to."""
        self.sent += length
        if self.part_of is not None:
            self.part_of.sent += length
        if self.account is not None:
            self.account.sent += length

    @property
    def may_run(self) -> bool:
        """Say whether neither it nor the use that it is a part of was cut or ended."""
        return self.outcome == "running" and (self.part_of is None or self.part_of.outcome == "running")

    def idle_for(self, now: datetime) -> timedelta:
        """Return how long the receiver took nothing of what lies ready for it, as far as was seen by asking."""
        left = self.unsent()
        if self._taken_at is None or not left or (self.sent, left) != self._taken:
            self._taken, self._taken_at = (self.sent, left), now
        return now - self._taken_at

    def cut(self, outcome: Literal["cut", "revoked"]) -> None:
        """Break it off at once; the first reason stays."""
        if self.outcome == "running":
            self.outcome = outcome
            self.abort()


class Transfers:
    """All that are under way in this process."""

    def __init__(self) -> None:
        self._running: dict[Key, set[Transfer]] = defaultdict(set)

    def __iter__(self) -> Iterator[Transfer]:
        return (transfer for transfers in list(self._running.values()) for transfer in list(transfers))

    def __len__(self) -> int:
        """Count those that take a place: not a use that only waits for a further request."""
        return sum(not transfer.rests() for transfer in self)

    @contextmanager
    def under_way(self, transfer: Transfer) -> Iterator[Transfer]:
        """Count a transfer as running for the length of the block."""
        self._running[transfer.key].add(transfer)
        try:
            yield transfer
        finally:
            self._running[transfer.key].discard(transfer)
            if not self._running[transfer.key]:
                del self._running[transfer.key]
