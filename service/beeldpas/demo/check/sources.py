"""What the hospitals' files are, read by the check itself: SHA-256 of each instance as it should arrive.

What leaves a hospital carries an empty preamble (it may hold anything, a program too), so the first 128 bytes count
as zero. *Source:* DICOM PS3.10 §7.1.
"""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from pydicom import dcmread
from pydicom.errors import InvalidDicomError

_PREAMBLE: Final = 128


@dataclass(frozen=True, slots=True)
class Instance:
    """One source file."""

    study: str
    series: str
    uid: str
    patient_id: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Sources:
    """Every source file of one hospital."""

    instances: tuple[Instance, ...]

    @classmethod
    def read(cls, folder: Path) -> "Sources":
        """Read and hash every Part 10 file below a folder."""
        files = sorted(file for file in folder.rglob("*") if file.is_file())
        return cls(tuple(found for file in files if (found := _read(file))))

    def digests(self, studies: frozenset[str]) -> dict[str, str]:
        """SOP Instance UID → SHA-256, for these studies."""
        return {one.uid: one.digest for one in self.instances if one.study in studies}

    def studies_of(self, patient_id: str) -> frozenset[str]:
        """The studies of a local patient number."""
        return frozenset(one.study for one in self.instances if one.patient_id == patient_id)

    def size(self, studies: frozenset[str]) -> int:
        """Bytes of these studies."""
        return sum(one.size for one in self.instances if one.study in studies)


def digest_as_served(content: bytes) -> str:
    """Hash a Part 10 file with its preamble emptied."""
    return sha256(bytes(_PREAMBLE) + content[_PREAMBLE:]).hexdigest()


def _read(file: Path) -> Instance | None:
    try:
        header = dcmread(file, specific_tags=["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "PatientID"])
    except InvalidDicomError:
        return None
    content = file.read_bytes()
    return Instance(
        study=str(header.StudyInstanceUID),
        series=str(header.SeriesInstanceUID),
        uid=str(header.SOPInstanceUID),
        patient_id=str(header.PatientID),
        size=len(content),
        digest=digest_as_served(content),
    )
