"""Looking at one file: what the index must know of it, and the checksums of its bytes as they will be served."""

from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO

from isal.isal_zlib import crc32

from beeldpas.domain.errors import Malformed
from beeldpas.formats.dicom import Instance, instance_of, metadata_json, read_header, without_preamble
from beeldpas.formats.dicomdir import Records, encode_records
from beeldpas.formats.report import Document, document_of

_READ_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Checksums:
    """CRC-32 and SHA-256 of a run of bytes."""

    crc32: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Scanned:
    """Everything about one file. `size` in bytes; the document is its readable form, for a report."""

    instance: Instance
    size: int
    checksums: Checksums
    records: Records
    model: str
    document: Document | None


def scan(file: BinaryIO, size: int) -> Scanned:
    """Read one Part 10 file. Raises: Malformed with a reason when it cannot be indexed."""
    dataset = read_header(file, size)
    return Scanned(
        instance=instance_of(dataset),
        size=size,
        checksums=served_checksums(file, size),
        records=encode_records(dataset),
        model=metadata_json(dataset),
        document=document_of(dataset),
    )


def served_checksums(file: BinaryIO, size: int) -> Checksums:
    """Return the checksums of a file with its preamble zeroed. Raises: Malformed("truncated") when it shrank."""
    crc, digest, at = 0, sha256(), 0
    chunk = memoryview(bytearray(_READ_BYTES))
    file.seek(0)
    while got := file.readinto(chunk):  # type: ignore[attr-defined]
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
