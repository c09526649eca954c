"""The pixels of a held instance: where they are, and one frame's bytes at a time.

A small file is read whole, so that its checksum is checked with every use; of a large one only the frame is read.
Files in a byte order or packing in which frames cannot be cut out are brought into the default syntax first.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from isal.isal_zlib import crc32

from beeldpas.domain.errors import Malformed, Unavailable
from beeldpas.formats.dicom import without_preamble
from beeldpas.formats.elements import IMPLICIT_LE
from beeldpas.formats.fragments import Fragment
from beeldpas.formats.pixels import Pixels, locate, without_shift
from beeldpas.gateway import metrics
from beeldpas.gateway.holdings import HeldInstance
from beeldpas.gateway.house import House
from beeldpas.gateway.objects.port import ObjectStore, Reader, altered
from beeldpas.gateway.pump import Stored

EXPLICIT_LE: Final = "1.2.840.10008.1.2.1"
NATIVE: Final = frozenset({IMPLICIT_LE, EXPLICIT_LE})
TO_BE_TURNED: Final = frozenset({"1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"})
_WHOLE_BYTES = 2 * 1024 * 1024
_AT_ONCE_BYTES = 4 * 1024 * 1024
_BLOCK_BYTES = 256 * 1024
_MOST_LOCATED = 20_000
log = structlog.get_logger()


@dataclass(slots=True)
class Image:
    """An instance with its pixels located. `whole` is the file, when it is small or was turned."""

    instance: HeldInstance
    transfer_syntax: str
    pixels: Pixels
    whole: bytes | memoryview | None


class Images:
    """Opens instances, and remembers where the pixels of those opened lately are."""

    def __init__(self) -> None:
        self._located: OrderedDict[tuple[int, str], Pixels] = OrderedDict()

    async def open(self, house: House, instance: HeldInstance) -> Image:
        """Find the pixels of an instance.

        Raises: Malformed("not_acceptable") when it is no image of frames; Unavailable("objects").
        """
        syntax = instance.transfer_syntax
        whole: bytes | memoryview | None = None
        if syntax in TO_BE_TURNED:
            syntax, whole = EXPLICIT_LE, await turned(house, instance)
        elif instance.file.length <= _WHOLE_BYTES:
            whole = await read(house, instance.file, 0, instance.file.length)
        name = instance.row_id, instance.file.version
        pixels = self._located.get(name)
        try:
            if pixels is None:
                pixels = await _locate(house, instance, syntax, whole)
        except Malformed as error:
            raise Malformed("not_acceptable") from error
        if instance.transfer_syntax not in TO_BE_TURNED:
            self._located[name] = pixels
            if len(self._located) > _MOST_LOCATED:
                self._located.popitem(last=False)
        return Image(instance, syntax, pixels, whole)


async def frame(house: House, image: Image, number: int) -> bytes | memoryview:
    """Return the bytes of a frame as they are stored. Raises: Malformed("frame_number"); Unavailable("objects")."""
    content = await _joined(house, image, image.pixels.stretches(number))
    if shift := image.pixels.bit_shift(number):
        return without_shift(content, shift, image.pixels.shape.frame_bits)
    return content


def framed(image: Image, number: int, head: bytes, end: bytes) -> memoryview | None:
    """Write `head` and `end` around a frame, in the memory of its file, which nobody needs any more after that.

    One piece of memory is one write to the connection instead of three. None where there is no room for it.
    """
    room = image.whole.obj if isinstance(image.whole, memoryview) else None
    parts = image.pixels.stretches(number)
    if not isinstance(room, bytearray) or len(parts) != 1 or image.pixels.bit_shift(number):
        return None
    first, last = parts[0].start, parts[0].end
    if first < len(head) or last + len(end) > len(room):
        return None
    view = memoryview(room)
    view[first - len(head) : first] = head
    view[last : last + len(end)] = end
    return view[first - len(head) : last + len(end)]


async def header(house: House, image: Image) -> bytes | memoryview:
    """Return the file up to its pixels."""
    return await _joined(house, image, (Fragment(0, image.pixels.element),))


async def read(house: House, file: Stored, start: int, stop: int) -> memoryview:
    """Read a stretch of a file as it is served; the checksum is checked when it is the whole file.

    What the page cache holds of a local file is read at once, anything that would wait is read by a thread.
    Raises: Unavailable("objects"), after the alarm was raised.
    """
    try:
        if house.store.is_far or stop - start > _AT_ONCE_BYTES:
            work = house.threads.reads.submit(_read, house.store, file, start, stop)
            return await asyncio.wrap_future(work)
        reader = house.store.open(file.key, file.version, file.start + start, stop - start)
        small = stop - start <= _WHOLE_BYTES
        content = house.rooms.take(stop - start, _WHOLE_BYTES) if small else memoryview(bytearray(stop - start))
        got = reader.read_at_hand(content)
        if got < len(content):
            await asyncio.wrap_future(house.threads.reads.submit(_read_rest, reader, content[got:]))
        reader.close()
        return _checked(file, start, content)
    except Unavailable as error:
        log.error("object_failed", reason=error.reason)
        metrics.objects_failed.labels(error.reason).inc()
        raise


def _read(store: ObjectStore, file: Stored, start: int, stop: int) -> memoryview:
    content = memoryview(bytearray(stop - start))
    _read_rest(store.open(file.key, file.version, file.start + start, stop - start), content)
    return _checked(file, start, content)


def _read_rest(reader: Reader, content: memoryview) -> None:
    """Fill it, and let go of the object in the thread that used it."""
    try:
        reader.read_into(content)
    finally:
        reader.close()


def _checked(file: Stored, start: int, content: memoryview) -> memoryview:
    if file.is_dicom:
        without_preamble(start, content)
    if len(content) == file.length and crc32(content) != file.crc32:
        raise altered()
    return content


async def turned(house: House, instance: HeldInstance) -> bytes:
    """Return the whole file in the default syntax. Raises: Malformed("not_decodable"); Unavailable("objects")."""
    if instance.file.length > house.decoders.most_bytes:
        raise Malformed("not_decodable")
    return await house.decoders.run("transcode", [await read(house, instance.file, 0, instance.file.length)])


async def _joined(house: House, image: Image, stretches: Sequence[Fragment]) -> bytes | memoryview:
    if sum(part.length for part in stretches) > house.decoders.most_bytes:
        raise Malformed("not_acceptable")
    if image.whole is not None:
        parts: list[bytes | memoryview] = [image.whole[part.start : part.end] for part in stretches]
    else:
        parts = [await read(house, image.instance.file, part.start, part.end) for part in stretches]
    return parts[0] if len(parts) == 1 else b"".join(parts)


async def _locate(house: House, instance: HeldInstance, syntax: str, whole: bytes | memoryview | None) -> Pixels:
    compressed = syntax not in NATIVE
    if whole is not None:
        content = whole
        return locate(lambda at, count: content[at : at + count], syntax, len(content), compressed)

    def read_at(at: int, count: int) -> bytes:
        return _block(house, instance.file, at, count)

    work = house.threads.reads.submit(locate, read_at, syntax, instance.file.length, compressed)
    return await asyncio.wrap_future(work)


def _block(house: House, file: Stored, at: int, count: int) -> bytes:
    """Read a block at a place, in a thread; as much as there is."""
    length = min(max(count, _BLOCK_BYTES), file.length - at)
    if length <= 0:
        return b""
    block = bytearray(length)
    reader = house.store.open(file.key, file.version, file.start + at, length)
    try:
        reader.read_into(memoryview(block))
    finally:
        reader.close()
    return bytes(block)
