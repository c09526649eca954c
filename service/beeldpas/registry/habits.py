"""What a process need not do for every question again: forget old tokens, and look up which keys of names are known.

Each process has its own; what it does too often or too late harms nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from beeldpas.audit.name_keys import key_of

_EVERY = timedelta(seconds=5)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class Habits:
    """When tokens were forgotten last, and the keys of the names that were noted last."""

    forgot_at: datetime = _LONG_AGO
    noted: frozenset[str] = field(default_factory=frozenset)

    def is_time_to_forget(self, now: datetime) -> bool:
        """Say whether tokens were not forgotten for a while; then they are counted as forgotten now."""
        if abs(now - self.forgot_at) < _EVERY:
            return False
        self.forgot_at = now
        return True

    def are_new(self, names: Sequence[str]) -> bool:
        """Say whether these names are made with other keys than those that were noted last."""
        return self.noted != _keys(names)

    def keys_noted(self, names: Sequence[str]) -> None:
        """Remember, once it is committed, that the keys of these names were noted."""
        if names:
            self.noted = _keys(names)


def _keys(names: Sequence[str]) -> frozenset[str]:
    return frozenset(map(key_of, names))
