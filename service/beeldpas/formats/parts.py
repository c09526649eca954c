"""Counting the elements and items of a run of bytes without making any of them, so that the count can be refused.

Sequences of a known length are passed over: whoever opens one counts it then.

*Source:* DICOM PS3.5 §7.1 (elements), §7.5 (sequences and items).
"""

import struct
from typing import Literal

from beeldpas.domain.errors import Malformed

_UNDEFINED = 0xFFFFFFFF
_LONG_VR = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"})


def check_parts(content: bytes | bytearray, *, is_implicit: bool, is_little_endian: bool, most: int) -> None:
    """Raises: Malformed("too_large") when there are more parts than `most`. What is no element ends the count."""
    head = struct.Struct("<HHL" if is_little_endian else ">HHL")
    order: Literal["little", "big"] = "little" if is_little_endian else "big"
    at, end = 0, len(content)
    while at + 8 <= end:
        most -= 1
        if most < 0:
            raise Malformed("too_large")
        group, _, length = head.unpack_from(content, at)
        at += 8
        if group == 0xFFFE:
            continue  # what an item holds is counted too
        if not is_implicit:
            is_long = bytes(content[at - 4 : at - 2]) in _LONG_VR
            length = int.from_bytes(content[at : at + 4] if is_long else content[at - 2 : at], order)
            at += 4 if is_long else 0
        at += 0 if length == _UNDEFINED else length
