"""The hospitals that the portal knows, and the only addresses it ever calls or sends a browser to.

*Source:* docs/wire.md §7.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from beeldpas.domain.errors import Malformed, NotFound, Unavailable
from beeldpas.formats.hospitals import Hospital, is_below, read_hospitals, valid_until

__all__ = ["Directory", "Hospital"]


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Directory:
    """The hospital directory, in the order of its file.

    Past `ends_at` nobody stands in it any more; what hospitals are called is still known then.
    """

    listed: tuple[Hospital, ...]
    ends_at: datetime | None = None
    clock: Callable[[], datetime] = _now

    @classmethod
    def load(cls, path: Path, clock: Callable[[], datetime] = _now) -> Self:
        """Read the directory's file. Raises: Malformed("directory"), as "directory_ended" for one of the past."""
        found = cls(read_hospitals(path), valid_until(path), clock)
        if found.has_ended:
            raise Malformed("directory_ended")
        return found

    @property
    def has_ended(self) -> bool:
        """Say whether the list that was signed counts no more."""
        return self.ends_at is not None and self.clock() >= self.ends_at

    @property
    def hospitals(self) -> tuple[Hospital, ...]:
        """The hospitals that take part now."""
        return () if self.has_ended else self.listed

    def by_id(self, gateway_id: str) -> Hospital:
        """Return a hospital by its short name. Raises: NotFound."""
        for hospital in self.listed:
            if hospital.gateway_id == gateway_id:
                return hospital
        raise NotFound("hospital_unknown")

    def taking_part(self, gateway_id: str) -> Hospital:
        """Return a hospital that may be called now. Raises: NotFound; Unavailable when the directory has ended."""
        if self.has_ended:
            raise Unavailable(gateway_id, retryable=False, reason="directory_ended")
        return self.by_id(gateway_id)

    def at(self, address: str) -> Hospital | None:
        """Return the hospital to whose server an address leads that somebody claims; None for anybody else's."""
        there = [hospital for hospital in self.hospitals if is_below(address, hospital.base_url)]
        return max(there, key=lambda hospital: len(hospital.base_url), default=None)

    def with_ura(self, ura: str) -> Hospital | None:
        """Return the hospital with this URA."""
        return next((hospital for hospital in self.hospitals if ura and hospital.ura == ura), None)

    def with_location(self, uid: str) -> Hospital | None:
        """Return the hospital whose archive has this DICOM Retrieve Location UID."""
        return next((hospital for hospital in self.hospitals if uid and uid in hospital.locations), None)
