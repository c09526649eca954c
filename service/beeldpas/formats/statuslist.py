"""The list of two-bit states inside a Token Status List, packed and unpacked.

Index 0 is the two lowest bits of the first byte. Unpacking is bounded: a small text can hold a large list.

*Source:* draft-ietf-oauth-status-list §4 (compressed byte array) and §7.1 (values).
"""

import binascii
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from enum import IntEnum

from beeldpas.domain.errors import Malformed

BITS = 2
_PER_BYTE = 8 // BITS
_MASK = (1 << BITS) - 1
_LARGEST = 4 * 1024 * 1024


class TokenStatus(IntEnum):
    """What a grant's entry says; INVALID is final, SUSPENDED may be lifted."""

    VALID = 0
    INVALID = 1
    SUSPENDED = 2
    APPLICATION_SPECIFIC = 3


def pack(size: int, states: Iterable[tuple[int, TokenStatus]]) -> str:
    """Return the `lst` of a list with room for `size` entries, all VALID but the given (index, state)."""
    room = bytearray(-(-size // _PER_BYTE))
    for index, state in states:
        if not 0 <= index < size:
            raise ValueError("status index outside the list")
        shift = index % _PER_BYTE * BITS
        room[index // _PER_BYTE] = room[index // _PER_BYTE] & ~(_MASK << shift) | state << shift
    return urlsafe_b64encode(zlib.compress(bytes(room), 9)).rstrip(b"=").decode("ascii")


class StatusList:
    """An unpacked list. An index outside it is INVALID: nothing is served on a state nobody stated."""

    __slots__ = ("_room",)

    def __init__(self, room: bytes) -> None:
        self._room = room

    @classmethod
    def unpack(cls, lst: str) -> "StatusList":
        """Read an `lst`. Raises: Malformed("status_list") when it is unreadable or larger than 4 MiB."""
        try:
            packed = urlsafe_b64decode(lst + "=" * (-len(lst) % 4))
            inflate = zlib.decompressobj()
            room = inflate.decompress(packed, _LARGEST)
        except (binascii.Error, zlib.error, ValueError) as error:
            raise Malformed("status_list") from error
        if inflate.unconsumed_tail or not inflate.eof:
            raise Malformed("status_list")
        return cls(room)

    def worse_of(self, other: "StatusList") -> "StatusList":
        """Return a list on which valid is only what both call valid. *Source:* the values of §7.1: 0 is valid."""
        longer = max(len(self._room), len(other._room))
        mine, theirs = (int.from_bytes(one._room.ljust(longer, b"\xff"), "big") for one in (self, other))
        return StatusList((mine | theirs).to_bytes(longer, "big"))

    def __len__(self) -> int:
        return len(self._room) * _PER_BYTE

    def __getitem__(self, index: int) -> TokenStatus:
        if not 0 <= index < len(self):
            return TokenStatus.INVALID
        return TokenStatus(self._room[index // _PER_BYTE] >> index % _PER_BYTE * BITS & _MASK)
