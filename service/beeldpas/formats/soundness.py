"""Whether a DICOM file is all there and within bounds, before anything in it is believed.

What a file says of its own lengths is never trusted: memory, depth and time are bounded by what an honest device
writes. Pixels are not looked at, only whether they are there.

*Source:* DICOM PS3.5 §7 (elements), §7.5 (nesting), Annex A (encapsulated pixels, deflate); PS3.10 §7.
"""

import struct
import zlib
from collections.abc import Sequence
from math import prod
from typing import BinaryIO, cast

from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset, FileDataset
from pydicom.filereader import read_dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian

from beeldpas.domain.errors import Malformed
from beeldpas.formats.parts import check_parts

LARGEST_HEADER = 256 * 1024 * 1024
DEEPEST_SEQUENCE = 32
MOST_PARTS = 250_000
"""Elements and items together; an enhanced object of 5,000 frames has some 175,000."""
MOST_PIXEL_BYTES = 64 * 1024**3
"""As they would be when decoded; the largest level of a scanned slide has some 30 GB."""
_READS_A_PART = 4
_SHORT_HEAD = 8
_META_START = 132
_LARGE_SEQUENCE = 1024 * 1024
_ITEM_OF_BIG_ENDIAN = b"\xff\xfe\xe0\x00"
_ITEM, _END_OF_ITEMS = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"
_UNDEFINED = 0xFFFFFFFF
_LONG_VR = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"UN"})
_PIXELS_ELSEWHERE = frozenset({"1.2.840.10008.1.2.4.94", "1.2.840.10008.1.2.4.95"})


class Bounded:
    """A file for a parser: it is never asked for more than it has, and all reading together stays within a limit."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._size = size
        self._left = LARGEST_HEADER
        self._reads = MOST_PARTS * _READS_A_PART
        self.name = ""

    def read(self, count: int = -1) -> bytes:
        """Read. Raises: Malformed("too_large") when a header wants more than any header needs."""
        rest = max(0, self._size - self._file.tell())
        wanted = rest if count < 0 else min(count, rest)
        self._left -= wanted
        self._reads -= 1
        if self._left < 0 or self._reads < 0:
            raise Malformed("too_large")
        return self._file.read(wanted)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Say where it stands."""
        return self._file.tell()


def check_inflated_size(file: BinaryIO) -> None:
    """Refuse a deflated data set that would fill the memory before it is inflated. Raises: Malformed("too_large")."""
    file.seek(_META_START)
    meta = read_dataset(file, False, True, stop_when=lambda tag, _vr, _length: tag >> 16 != 2)
    if meta.get("TransferSyntaxUID") != DeflatedExplicitVRLittleEndian:
        return
    inflate, inflated = zlib.decompressobj(-zlib.MAX_WBITS), bytearray()
    while len(inflated) < LARGEST_HEADER and (chunk := inflate.unconsumed_tail or file.read(65536)):
        inflated += inflate.decompress(chunk, 1 << 20)
    if len(inflated) >= LARGEST_HEADER:
        raise Malformed("too_large")
    check_parts(inflated, is_implicit=False, is_little_endian=True, most=MOST_PARTS)


def check_values(dataset: Dataset) -> None:
    """Refuse a value that is shorter than its length says, or a sequence without end, before it is taken apart.

    Raises: Malformed("truncated") or ("too_large").
    """
    for element in dataset.values():
        if not isinstance(element, RawDataElement) or element.length == _UNDEFINED or element.value is None:
            continue
        if len(element.value) < element.length:
            raise Malformed("truncated")
        if element.VR in {"SQ", "UN", None} and element.value.count(_ITEM) > MOST_PARTS:
            raise Malformed("too_large")


def check_last_head(file: BinaryIO, dataset: Dataset) -> None:
    """Refuse a file that ends within the head of an element, which a parser takes for the end of all.

    The elements must not have been decoded. Raises: Malformed("truncated").
    """
    last = next(reversed(list(dataset.values())), None)
    if isinstance(last, RawDataElement) and last.length != _UNDEFINED:
        file.seek(last.value_tell + last.length)
        rest = file.read(_SHORT_HEAD)
        if len(rest) < _SHORT_HEAD and any(rest):
            raise Malformed("truncated")


def check_structure(dataset: Dataset) -> None:
    """Refuse nesting and numbers that no device writes, so that nothing later runs out of stack or time.

    Each level is decoded when it is come to, and no deeper. Raises: Malformed("too_deep") or ("too_large").
    """
    waiting: list[tuple[Dataset, int]] = [(dataset, 0)]
    left = MOST_PARTS
    while waiting:
        item, depth = waiting.pop()
        left -= 1 + len(item)
        if depth > DEEPEST_SEQUENCE:
            raise Malformed("too_deep")
        if left < 0:
            raise Malformed("too_large")
        for tag in sorted(item.keys()):
            _check_before_opening(item.get_item(tag), left)
            element = item[tag]
            if element.VR == "SQ":
                waiting.extend((below, depth + 1) for below in cast(Sequence[Dataset], element.value or ()))


def check_shape(dataset: Dataset) -> None:
    """Refuse an image that says it has more pixels than any has. Raises: Malformed("too_large")."""
    said = [dataset.get(name) for name in ("Rows", "Columns", "SamplesPerPixel", "NumberOfFrames", "BitsAllocated")]
    if prod(value for value in said if isinstance(value, int) and value > 0) > 8 * MOST_PIXEL_BYTES:
        raise Malformed("too_large")


def _check_before_opening(element: DataElement | RawDataElement, left: int) -> None:
    """A sequence of a known length is still bytes: count what would be made of it."""
    content = element.value
    if isinstance(element, RawDataElement) and isinstance(content, bytes) and len(content) > _LARGE_SEQUENCE:
        implicit, little = element.is_implicit_VR, element.is_little_endian
        if content.startswith(_ITEM if little else _ITEM_OF_BIG_ENDIAN):
            check_parts(content, is_implicit=implicit, is_little_endian=little, most=left)


def check_pixels(file: BinaryIO, start: int, size: int, dataset: FileDataset) -> None:
    """Refuse a file that ends before or within its pixels; `start` is where the pixel element begins.

    Raises: Malformed("truncated").
    """
    order = "<" if dataset.original_encoding[1] else ">"
    file.seek(start)
    head = file.read(12)
    if not head:
        _check_shows_nothing(dataset)
        return
    if len(head) < _SHORT_HEAD:
        raise Malformed("truncated")
    if dataset.original_encoding[0] or not head[4:6].isalpha():  # some say explicit, and are not
        length, at = struct.unpack_from(f"{order}L", head, 4)[0], start + 8
    elif head[4:6] in _LONG_VR:
        length, at = int.from_bytes(head[8:12], "little" if order == "<" else "big"), start + 12
    else:
        length, at = struct.unpack_from(f"{order}H", head, 6)[0], start + 8
    end = _end_of_fragments(file, at) if length == _UNDEFINED else at + length
    if end > size:
        raise Malformed("truncated")


def _check_shows_nothing(dataset: FileDataset) -> None:
    """Refuse a file that says how its pixels look, and ends before them."""
    describes_pixels = "Rows" in dataset and "BitsAllocated" in dataset
    if describes_pixels and dataset.file_meta.get("TransferSyntaxUID") not in _PIXELS_ELSEWHERE:
        raise Malformed("truncated")


def _end_of_fragments(file: BinaryIO, at: int) -> int:
    """Walk over the fragments of compressed pixels; a place past any file when their end is missing."""
    while True:
        file.seek(at)
        head = file.read(8)
        if head[:4] == _END_OF_ITEMS:
            return at
        if len(head) < 8 or head[:4] != _ITEM:
            return 1 << 62
        at += 8 + int.from_bytes(head[4:], "little")
