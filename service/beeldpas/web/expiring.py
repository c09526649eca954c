"""A mapping that is empty once its time is over, for who looks something up long after it was read."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TypeVar

Value = TypeVar("Value")


class Expiring(Mapping[str, Value]):
    """What was known until `ends_at` (None: for ever) by `clock`."""

    def __init__(self, known: Mapping[str, Value], ends_at: datetime | None, clock: Callable[[], datetime]) -> None:
        self._known = known
        self._ends_at = ends_at
        self._clock = clock

    def __getitem__(self, name: str) -> Value:
        return self._now()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())

    def _now(self) -> Mapping[str, Value]:
        return {} if self._ends_at is not None and self._clock() >= self._ends_at else self._known
