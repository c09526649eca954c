"""A study as a patient knows it: what was made, when, and which hospitals hold it.

*Source:* DICOM PS3.3 §A.1 (study, series, instance); the custodian is the hospital that keeps the images.
"""

from dataclasses import dataclass
from datetime import date


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

    `series_uid` and `kind` ("pdf", "sr") are known when its hospital said where it lies among the images.
    """

    identifier: str
    study_uid: str
    status: str
    title: str
    issued: date | None
    series_uid: str = ""
    kind: str = ""


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


@dataclass(frozen=True, slots=True)
class Study:
    """All images of one visit, from every hospital that registered them. Unknown is empty or None."""

    uid: str
    started: date | None
    modalities: tuple[str, ...]
    body_part: str
    laterality: str
    description: str
    accession: str
    holdings: tuple[Holding, ...]
    series: tuple[Series, ...]
    reports: tuple[Report, ...]
    instances: int | None

    @property
    def origin(self) -> Holding:
        """The hospital that made it, or the first by name where none says so."""
        return min(self.holdings, key=lambda holding: (not holding.origin, holding.gateway_id))
