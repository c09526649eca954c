"""The hospitals that the portal knows, and the only addresses it ever calls or sends a browser to.

*Source:* docs/wire.md §7.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from beeldpas.domain.errors import NotFound
from beeldpas.formats.hospitals import Hospital, is_below, read_hospitals

__all__ = ["Directory", "Hospital"]


@dataclass(frozen=True, slots=True)
class Directory:
    """The hospital directory, in the order of its file."""

    hospitals: tuple[Hospital, ...]

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the directory's file. Raises: Malformed("directory")."""
        return cls(read_hospitals(path))

    def by_id(self, gateway_id: str) -> Hospital:
        """Return a hospital by its short name. Raises: NotFound."""
        for hospital in self.hospitals:
            if hospital.gateway_id == gateway_id:
                return hospital
        raise NotFound("hospital_unknown")

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
