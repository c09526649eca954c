"""What stands in a registry: studies as their hospitals tell of them, and reports whose images nobody registered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol, TypeAlias

from beeldpas.domain.bsn import BSN
from beeldpas.formats.fhir.publication import PublishedReport, PublishedStudy

Resource: TypeAlias = dict[str, Any]
BSN_SYSTEM = "http://fhir.nl/fhir/NamingSystem/bsn"
URA_SYSTEM = "http://fhir.nl/fhir/NamingSystem/ura"
DCM = "http://dicom.nema.org/resources/ontology/DCM"


class Organisation(Protocol):
    """A hospital as a registry knows it."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def ura(self) -> str:
        """Its number as a subscriber of the national register."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One study as a hospital registered it.

    `address`: where it says that its images are. `instances`: of each series the SOP class and UID of every image;
    of a series that is not named there only the number is known. `orders`: who gave out its accession number (OID).
    """

    study: PublishedStudy
    at: Organisation
    address: str = ""
    orders: str = "2.16.1"
    instances: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)

    @property
    def report(self) -> PublishedReport | None:
        """Its first report, if it has one."""
        return next(iter(self.study.reports), None)


@dataclass(frozen=True, slots=True)
class Alone:
    """A report whose images are not registered, or a newer version of one that is: `replaces` is its SOP UID."""

    report: PublishedReport
    study_uid: str
    bsn: BSN
    at: Organisation
    replaces: str = ""


def day(value: date | None) -> str | None:
    """A date as JSON has it."""
    return value.isoformat() if value else None
