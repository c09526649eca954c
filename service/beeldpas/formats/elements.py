"""Where the elements of a data set stand in its file: a walk over the top level that copies no value.

A DICOM library decodes every element; to serve one frame only the place of the pixels matters, and a viewer asks
for a thousand frames. Lengths are believed only as far as the file goes.

*Source:* DICOM PS3.5 §7.1 (element structures), §7.5 (nesting); PS3.10 §7.1 (file meta information).
"""

import struct
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from beeldpas.domain.errors import Malformed

IMPLICIT_LE = "1.2.840.10008.1.2"
UNDEFINED = 0xFFFFFFFF
ReadAt = Callable[[int, int], bytes | memoryview]
"""Gives as many bytes of a file from a place on as there are, up to the number asked for."""

_LONG = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"})
_EXPLICIT, _IMPLICIT = struct.Struct("<HH2sH"), struct.Struct("<HHL")
_U32 = struct.Struct("<L")
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_PIXEL_GROUP = 0x7FE0
_BLOCK = 64 * 1024
_MOST_ELEMENTS = 200_000
_DEEPEST = 32


@dataclass(frozen=True, slots=True)
class Element:
    """One element: its tag as a number, and where its value is. `length` may be UNDEFINED."""

    tag: int
    vr: bytes
    start: int
    length: int
    head: int
    """Where the element itself begins."""


class Walk:
    """The top level of one little-endian data set, element by element, in the order of the file."""

    def __init__(self, read_at: ReadAt, transfer_syntax: str) -> None:
        self._read_at = read_at
        self._implicit = transfer_syntax == IMPLICIT_LE
        self._block: bytes | memoryview = b""
        self._base = 0
        self._left = _MOST_ELEMENTS

    def elements(self, wanted: Collection[int]) -> Iterator[Element]:
        """Give the elements with these tags, and with pixels, that stand after the file meta information.

        The walk goes on behind the value, also behind one of undefined length; it ends at encapsulated pixels.
        Raises: Malformed("unreadable").
        """
        at = self._behind_meta()
        buffer, offset = self._at(at, 12)
        # Some files say that they are explicit and are not: what stands for a VR is no pair of letters then.
        self._implicit = self._implicit or not bytes(buffer[offset + 4 : offset + 6]).isupper()
        while (element := self._element(self._skip(at, wanted), self._implicit)) is not None:
            if element.tag in wanted or element.tag >> 16 == _PIXEL_GROUP:
                yield element
            if element.length != UNDEFINED:
                at = element.start + element.length
            elif element.tag >> 16 == _PIXEL_GROUP:
                return
            else:
                at = self._behind_items(element, self._implicit, 1)

    def value(self, element: Element, most: int = 64) -> bytes:
        """Return the first bytes of a value."""
        buffer, offset = self._at(element.start, min(element.length, most))
        return bytes(buffer[offset : offset + min(element.length, most)])

    def _skip(self, at: int, wanted: Collection[int]) -> int:
        """Pass over what nobody wants as far as the block goes: most of a header, so this is the hot loop."""
        if self._implicit:
            return at
        block, offset = self._at(at, 12)
        last, begun = len(block) - 12, offset
        while offset <= last:
            group, number, vr, length = _EXPLICIT.unpack_from(block, offset)
            value = offset + 8
            if vr in _LONG:
                length, value = _U32.unpack_from(block, offset + 8)[0], offset + 12
            if length == UNDEFINED or group >= _PIXEL_GROUP or group << 16 | number in wanted:
                break
            self._left -= 1
            offset = value + length
        return at + offset - begun

    def _behind_meta(self) -> int:
        first = self._element(132, implicit=False)
        if first is None or first.tag != 0x00020000 or first.length != 4:
            raise Malformed("unreadable")
        buffer, offset = self._at(first.start, 4)
        return first.start + 4 + int(_U32.unpack_from(buffer, offset)[0])

    def _element(self, at: int, implicit: bool) -> Element | None:
        """Read what stands at a place; None at the end of the file."""
        buffer, offset = self._at(at, 12)
        if len(buffer) - offset < 8:
            return None
        self._left -= 1
        if self._left < 0:
            raise Malformed("unreadable")
        group, number, vr, short = _EXPLICIT.unpack_from(buffer, offset)
        tag = group << 16 | number
        if implicit or group == 0xFFFE:
            return Element(tag, b"", at + 8, _IMPLICIT.unpack_from(buffer, offset)[2], at)
        if vr not in _LONG:
            return Element(tag, vr, at + 8, short, at)
        if len(buffer) - offset < 12:
            return None
        return Element(tag, vr, at + 12, _U32.unpack_from(buffer, offset + 8)[0], at)

    def _behind_items(self, sequence: Element, implicit: bool, depth: int) -> int:
        """Return the place behind a sequence of undefined length."""
        if depth > _DEEPEST:
            raise Malformed("unreadable")
        implicit = implicit or sequence.vr == b"UN"  # PS3.5 §6.2.2: what is unknown is implicit
        at = sequence.start
        while (item := self._element(at, implicit)) is not None:
            if item.tag == _SEQUENCE_END:
                return item.start
            if item.tag != _ITEM:
                break
            at = item.start + item.length if item.length != UNDEFINED else self._behind_item(item, implicit, depth)
        raise Malformed("unreadable")

    def _behind_item(self, item: Element, implicit: bool, depth: int) -> int:
        at = item.start
        while (element := self._element(at, implicit)) is not None:
            if element.tag == _ITEM_END:
                return element.start
            if element.length == UNDEFINED:
                at = self._behind_items(element, implicit, depth + 1)
            else:
                at = element.start + element.length
        raise Malformed("unreadable")

    def _at(self, at: int, count: int) -> tuple[bytes | memoryview, int]:
        """Return a buffer and the place in it where byte `at` of the file is; it may end early."""
        offset = at - self._base
        if offset < 0 or offset + count > len(self._block):
            self._block, self._base, offset = self._read_at(at, max(count, _BLOCK)), at, 0
        return self._block, offset
