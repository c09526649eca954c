"""What an answer from outside says, before anybody believes it: studies, reports, and where they are said to be.

Every codec of a registry's protocol ends here; the portal then lets the hospital directory decide what the claims of
a place are worth.
"""

from dataclasses import dataclass

from beeldpas.domain.study import Report, Study
from beeldpas.formats.fingerprints import UNKNOWN, Fingerprints


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """Where somebody claims that images can be fetched, and who is said to keep them.

    `address` is a WADO-RS base URL or empty; `custodian` a URA or empty; `location` a DICOM Retrieve Location UID or
    empty; `name` what to call it.
    """

    name: str
    address: str
    custodian: str
    location: str = ""


@dataclass(frozen=True, slots=True)
class FoundStudy:
    """A study without holdings: the places say where it should be, `origin` that its custodian (URA) made it.

    `withheld_from`: whom its hospital does not show it, as `representatives`; of a report alike.
    """

    study: Study
    places: tuple[FoundPlace, ...]
    origin: bool
    custodian: str
    withheld_from: frozenset[str] = frozenset()
    fingerprints: Fingerprints = UNKNOWN


@dataclass(frozen=True, slots=True)
class FoundReport:
    """A report and who registered it (URA, or empty)."""

    report: Report
    custodian: str
    withheld_from: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Found:
    """What an answer holds.

    `unreadable` counts the entries that could not be read. `complete` is False when there is more than was sent;
    `warnings` counts what the source itself says went wrong, `failed` names the sources behind it that did not
    answer.
    """

    studies: tuple[FoundStudy, ...] = ()
    reports: tuple[FoundReport, ...] = ()
    unreadable: int = 0
    complete: bool = True
    warnings: int = 0
    failed: tuple[str, ...] = ()
