"""The port to a hospital's PACS: what it has, and a study fetched whole into a folder. Nothing is ever changed there.

Methods block; they are called from threads that may wait. A newcomer is one file, one line in open.py and one
parameter of the contract test.
"""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Protocol

from beeldpas.domain.errors import Unavailable
from beeldpas.formats.dicom import Identity


@dataclass(frozen=True, slots=True)
class StudyQuery:
    """Which studies are asked for: of one patient number, of some days, or both."""

    patient_id: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class RemoteSeries:
    """A series as the PACS lists it; `instances` None when it does not say."""

    uid: str
    number: int | None
    modality: str
    description: str
    body_part: str
    laterality: str
    instances: int | None


@dataclass(frozen=True, slots=True)
class RemoteStudy:
    """A study as the PACS lists it; `instances` None when it does not say."""

    uid: str
    identity: Identity
    study_date: str
    study_time: str
    description: str
    accession: str
    instances: int | None


@dataclass(slots=True, eq=False)
class Tally:
    """How far a fetch is; another thread may read it, and end the fetch by halting it."""

    files: int = 0
    bytes: int = 0
    halted: str = field(default="", init=False)

    def halt(self, reason: str) -> None:
        """End the fetch as soon as the next bytes arrive."""
        self.halted = reason

    def take(self, size: int) -> None:
        """Count bytes that arrived. Raises: Unavailable("pacs") when the fetch was halted."""
        self.bytes += size
        if self.halted:
            raise failed(self.halted)


class Pacs(Protocol):
    """A PACS. What goes wrong is Unavailable("pacs"), with a reason of `failed`."""

    def studies(self, query: StudyQuery) -> list[RemoteStudy]:
        """List studies. Raises: Unavailable("pacs")."""
        ...

    def series(self, study_uid: str) -> list[RemoteSeries]:
        """List the series of a study. Raises: Unavailable("pacs")."""
        ...

    def fetch(self, study_uid: str, folder: Path, tally: Tally) -> None:
        """Write every instance of a study as a Part 10 file below `folder`, as the PACS keeps it.

        Whether it is the study that was asked for is not looked at here. Raises: Unavailable("pacs") when the
        transfer did not come to its proper end, or was halted; OSError when a file cannot be written.
        """
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


def failed(reason: str, *, retryable: bool = True) -> Unavailable:
    """Make the error for a PACS that did not do its part.

    Reasons: pacs_unreachable, pacs_refused, pacs_unreadable, transfer_cut, no_instances; of a halt: its own.
    """
    return Unavailable("pacs", retryable=retryable, reason=reason)
