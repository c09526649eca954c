"""Looking at one file: what the index must know of it, and the checksums of its bytes as they will be served."""

from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO

from isal.isal_zlib import crc32

from beeldpas.domain.errors import Malformed
from beeldpas.formats.dicom import UNREADABLE, Instance, instance_of, read_header, without_preamble
from beeldpas.formats.dicomjson import metadata_json
from beeldpas.formats.directory_record import Records, encode_records
from beeldpas.formats.dual_tiff import is_dual_tiff
from beeldpas.formats.evidence import Named, Rejection, predecessors_of, rejection_of
from beeldpas.formats.report import Document, document_of

_READ_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Checksums:
    """CRC-32 and SHA-256 of a run of bytes."""

    crc32: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Described:
    """What a file says of itself. The document is its readable form, for a report."""

    instance: Instance
    records: Records
    model: str
    document: Document | None
    rejection: Rejection | None
    predecessors: tuple[Named, ...]
    keeps_preamble: bool

    def with_bytes(self, size: int, checksums: Checksums) -> "Scanned":
        """Add what is known of its bytes."""
        said = (self.instance, self.records, self.model, self.document, self.rejection, self.predecessors)
        return Scanned(*said, self.keeps_preamble, size, checksums)


@dataclass(frozen=True, slots=True)
class Scanned(Described):
    """Everything about one file. `size` in bytes; the checksums are of what is served."""

    size: int
    checksums: Checksums


def scan(file: BinaryIO, size: int, *, keep_tiff: bool = False) -> Scanned:
    """Read one Part 10 file. Raises: Malformed with a reason when it cannot be indexed."""
    found = describe(file, size, keep_tiff=keep_tiff)
    return found.with_bytes(size, served_checksums(file, size, keeps_preamble=found.keeps_preamble))


def describe(file: BinaryIO, size: int, *, keep_tiff: bool = False) -> Described:
    """Read the header of one Part 10 file; with `keep_tiff`, one that is a TIFF as well is served with its preamble.

    Raises: Malformed with a reason when it cannot be indexed.
    """
    dataset = read_header(file, size)
    try:
        return Described(
            instance=instance_of(dataset),
            records=encode_records(dataset, file),
            model=metadata_json(dataset),
            document=document_of(dataset),
            rejection=rejection_of(dataset),
            predecessors=predecessors_of(dataset),
            keeps_preamble=keep_tiff and is_dual_tiff(file, size),
        )
    except UNREADABLE as error:
        raise Malformed("unreadable") from error


def served_checksums(file: BinaryIO, size: int, *, keeps_preamble: bool = False) -> Checksums:
    """Return the checksums of a file as it is served. Raises: Malformed("truncated") when it shrank."""
    crc, digest, at = 0, sha256(), 0
    chunk = memoryview(bytearray(_READ_BYTES))
    file.seek(0)
    while got := file.readinto(chunk):  # type: ignore[attr-defined]
        if not keeps_preamble:
            without_preamble(at, chunk[:got])
        crc = crc32(chunk[:got], crc)
        digest.update(chunk[:got])
        at += got
    if at != size:
        raise Malformed("truncated")
    return Checksums(crc, digest.digest())


def checksums(content: bytes) -> Checksums:
    """Return the checksums of a few bytes."""
    return Checksums(crc32(content), sha256(content).digest())
