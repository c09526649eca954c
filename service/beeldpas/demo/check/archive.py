"""Reads a downloaded archive as a stranger would: Python's own ZIP reader, pydicom for the headers.

Digests are of the bytes as they lie in the archive; nothing is emptied here. *Source:* DICOM PS3.10 §8 (DICOMDIR).
"""

from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from pydicom import dcmread


@dataclass(frozen=True, slots=True)
class Archive:
    """What came out: SOP Instance UID → SHA-256; `directory` counts the images that DICOMDIR names."""

    digests: dict[str, str]
    directory: int
    names: tuple[str, ...]


def read_archive(file: Path) -> Archive:
    """Open an archive, test every CRC and hash every instance.

    Raises: BadZipFile when it is broken or cut short.
    """
    with ZipFile(file) as archive:
        if (damaged := archive.testzip()) is not None:
            raise BadZipFile(f"{damaged} is damaged")
        names = tuple(archive.namelist())
        digests: dict[str, str] = {}
        directory = 0
        for name in names:
            content = archive.read(name)
            if content[128:132] != b"DICM":
                continue
            header = dcmread(BytesIO(content), stop_before_pixels=True)
            if name.rpartition("/")[2] == "DICOMDIR":
                directory = sum(1 for record in header.DirectoryRecordSequence if "ReferencedFileID" in record)
            else:
                digests[str(header.SOPInstanceUID)] = sha256(content).hexdigest()
    return Archive(digests, directory, names)


def is_broken(file: Path) -> bool:
    """Say whether the usual tools refuse this archive."""
    try:
        read_archive(file)
    except (BadZipFile, OSError, EOFError, ValueError):
        return True
    return False
