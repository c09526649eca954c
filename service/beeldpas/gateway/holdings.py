"""What a hospital holds of a study, as the index knows it: series, files and readable reports."""

from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import NamedTuple

from beeldpas.domain.bsn import BSN
from beeldpas.gateway.pump import Stored


@dataclass(frozen=True, slots=True)
class HeldReport:
    """The readable form of a report. `content` is a stretch of its file, or bytes of its own."""

    kind: str
    title: str
    content: Stored | bytes
    crc32: int
    sha256: bytes

    @property
    def size_bytes(self) -> int:
        """How long it is."""
        return len(self.content) if isinstance(self.content, bytes) else self.content.length


class HeldInstance(NamedTuple):
    """One file. `missing` names the attributes without which a DICOMDIR cannot list it."""

    row_id: int
    sop_uid: str
    sop_class: str
    number: int | None
    transfer_syntax: str
    file: Stored
    sha256: bytes
    leaf_record: bytes
    missing: str
    report: HeldReport | None


@dataclass(frozen=True, slots=True)
class HeldSeries:
    """One series with its files by number; the records are those of its first file."""

    uid: str
    number: int | None
    modality: str
    description: str
    body_part: str
    laterality: str
    instances: tuple[HeldInstance, ...]
    patient_record: bytes
    study_record: bytes
    series_record: bytes

    @property
    def size_bytes(self) -> int:
        """How many bytes its files have."""
        return sum(instance.file.length for instance in self.instances)


@dataclass(frozen=True, slots=True)
class HeldStudy:
    """One study; whose it is, is what its files say. `bsn` None: withheld, never seen outside the gateway."""

    uid: str
    issuer: str
    local_number: str
    patient_name: str
    birth_date: date | None
    sex: str
    study_date: str
    study_time: str
    description: str
    accession: str
    bsn: BSN | None
    series: tuple[HeldSeries, ...]

    @property
    def instances(self) -> tuple[HeldInstance, ...]:
        """All its files, series by series."""
        return tuple(chain.from_iterable(series.instances for series in self.series))

    @property
    def size_bytes(self) -> int:
        """How many bytes its files have."""
        return sum(series.size_bytes for series in self.series)

    @property
    def missing(self) -> tuple[str, ...]:
        """Which attributes keep it out of a DICOMDIR."""
        kinds = {instance.missing for instance in self.instances}
        return tuple(sorted({name for kind in kinds for name in kind.split()}))
