"""Studies and reports as a patient knows them: what was made, when, and which hospitals hold it.

Each is an entry of its own; they refer to each other by study UID or by accession number, so either can be registered
without the other. *Source:* DICOM PS3.3 §A.1 (study, series, instance); the custodian is the hospital that keeps the
images; IHE RAD TF-1 XDS-I.b (images and reports are registered separately).
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal


@dataclass(frozen=True, slots=True, order=True)
class Accession:
    """The number of an order; it names something only together with who gave it out (`issuer`, "" when unsaid)."""

    number: str
    issuer: str = ""


@dataclass(frozen=True, slots=True, order=True)
class DateGiven:
    """On which day a source says that a study was made; `origin` when the hospital that made it says so."""

    day: date
    hospital: str = ""
    origin: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """Images that belong together. `instances` and `size_bytes` are None while nobody has said."""

    uid: str
    number: int | None
    modality: str
    description: str
    instances: int | None
    body_part: str
    laterality: str
    size_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """That a report exists, never what it says.

    It names what it is about: `studies` by UID, or the orders (`accessions`) that they were made for. `replaces` are
    the identifiers of its earlier versions; `hospitals` the names of who registered it. `readable_from` is the end of
    an embargo that its hospital announced. `series_uid` and `kind`
    ("pdf", "sr") are known when its hospital said where it lies among the images.
    """

    identifier: str
    studies: tuple[str, ...]
    status: str
    title: str
    issued: date | None
    series_uid: str = ""
    kind: str = ""
    accessions: tuple[Accession, ...] = ()
    replaces: tuple[str, ...] = ()
    hospitals: tuple[str, ...] = ()
    readable_from: date | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """One hospital that holds the study; `confirmed` when it said so itself, just now."""

    gateway_id: str
    hospital: str
    custodian: str
    origin: bool
    base_url: str
    confirmed: bool
    instances: int | None
    size_bytes: int | None


_NOBODY = Holding("", "", "", origin=False, base_url="", confirmed=False, instances=None, size_bytes=None)


@dataclass(frozen=True, slots=True, order=True)
class Elsewhere:
    """A hospital that is said to hold the study, and that is neither called nor sent a browser to.

    `hospital` is what the registry calls it, `custodian` the URA that it gives; either may be empty. `why`: the
    signed directory does not know it, or says otherwise about its address or number than the registry.
    """

    hospital: str
    custodian: str
    why: Literal["unknown", "contradicted"]


@dataclass(frozen=True, slots=True)
class Study:
    """All images of one visit, from every hospital that registered them. Unknown is empty or None.

    In a history the holdings begin with the origin, and the reports with the newest. A study without holdings is one
    that is only told of: it lies `elsewhere`, and is never looked at, shared or downloaded from here.
    """

    uid: str
    dates: tuple[DateGiven, ...]
    modalities: tuple[str, ...]
    body_part: str
    laterality: str
    description: str
    accessions: tuple[Accession, ...]
    holdings: tuple[Holding, ...]
    series: tuple[Series, ...]
    reports: tuple[Report, ...]
    instances: int | None
    elsewhere: tuple[Elsewhere, ...] = ()

    @property
    def started(self) -> date | None:
        """The day on which it was made: as its origin says, else the earliest that is told; None when unknown."""
        told = min(self.dates, key=lambda one: (not one.origin, one.day), default=None)
        return told.day if told else None

    @property
    def other_dates(self) -> tuple[DateGiven, ...]:
        """What contradicts that day, and who says it."""
        return tuple(one for one in self.dates if one.day != self.started)

    @property
    def origin(self) -> Holding:
        """The hospital that made it, or the first by name where none says so; of one told of only, a nameless one."""
        return min(self.holdings, key=lambda holding: (not holding.origin, holding.gateway_id), default=_NOBODY)

    @property
    def besides(self) -> tuple[Elsewhere, ...]:
        """Where it is said to be besides; a hospital that another registry places well is not elsewhere."""
        held_by = {holding.custodian for holding in self.holdings}
        return tuple(one for one in self.elsewhere if one.custodian not in held_by)

    def is_replaced(self, report: Report) -> bool:
        """Say whether a newer version of this report stands beside it."""
        return any(report.identifier in other.replaces for other in self.reports if other is not report)
