"""A DICOM file that is a TIFF as well, as a slide scanner writes it: its TIFF directory stands behind the pixels."""

import struct
from io import BytesIO

from pydicom.dataset import FileDataset
from tests.hospital_images import image


def dual(study: str, number: int = 1, order: str = "<", big: bool = False) -> FileDataset:
    """A CT image whose preamble leads to a TIFF directory in its trailing padding."""
    dataset = image(study, 1, number)
    dataset.DataSetTrailingPadding = bytes(512)
    content = saved(dataset)
    pixels = content.index(dataset.PixelData[:64])
    at = content.rindex(b"\xfc\xff\xfc\xffOB\x00\x00") + 12
    dataset.DataSetTrailingPadding = directory(order, big, pixels, len(dataset.PixelData)).ljust(512, b"\0")
    dataset.preamble = header(order, big, at)
    return dataset


def header(order: str, big: bool, at: int) -> bytes:
    """A preamble."""
    sign = {"<": b"II", ">": b"MM"}[order]
    start = struct.pack(f"{order}HHHQ", 43, 8, 0, at) if big else struct.pack(f"{order}HL", 42, at)
    return (sign + start).ljust(128, b"\0")


def directory(order: str, big: bool, pixels: int, length: int) -> bytes:
    """A TIFF directory of one strip."""
    long, count = ("Q", "Q") if big else ("L", "H")
    kind = 16 if big else 4
    entries = [(256, 128), (257, 128), (258, 16), (259, 1), (262, 1), (273, pixels), (278, 128), (279, length)]
    packed = b"".join(struct.pack(f"{order}HH{long}{long}", tag, kind, 1, value) for tag, value in entries)
    return struct.pack(f"{order}{count}", len(entries)) + packed + struct.pack(f"{order}{long}", 0)


def saved(dataset: FileDataset) -> bytes:
    """The file's bytes."""
    buffer = BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()
