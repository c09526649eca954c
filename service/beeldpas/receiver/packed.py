"""A download as the ZIP that came: its files are read piece by piece, and never further than the list says.

A file that overlaps another, or that calls itself otherwise than the directory does, is not read at all: programs
would disagree about what it is.
"""

import zlib
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from beeldpas.domain.errors import Malformed
from beeldpas.receiver.port import PIECE_BYTES, Download, Fault, Member
from beeldpas.receiver.zip_directory import LOCAL, Entry, read_directory

_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 1


class ZipDownload(Download):
    """A ZIP file. Raises: Malformed when it is none, or its directory cannot be read."""

    def __init__(self, file: BinaryIO) -> None:
        directory = read_directory(file)
        self._file = file
        self._bad = _overlapping(directory.entries, directory.end)
        files = [entry for entry in directory.entries if not entry.name.endswith("/")]
        self.members: Sequence[Member] = files
        self.faults: Sequence[Fault] = (*directory.faults, *(Fault("overlap", entry.name) for entry in self._bad))

    def read(self, member: Member, most: int) -> Iterator[bytes]:
        """Give a file's bytes, at most `most`.

        Raises: Malformed("damaged") when they cannot be had, ("packed_otherwise") when we cannot unpack them.
        """
        assert isinstance(member, Entry)  # noqa: S101  (one of our own)
        if member in self._bad:
            raise Malformed("damaged")
        self._file.seek(member.offset)
        header = self._file.read(LOCAL.size)
        if len(header) < LOCAL.size or header[:4] != b"PK\x03\x04":
            raise Malformed("damaged")
        *_, method, _, _, _, _, _, name_length, extra_length = LOCAL.unpack(header)
        if self._file.read(name_length) != member.raw_name or method != member.method:
            raise Malformed("damaged")
        start = member.offset + LOCAL.size + name_length + extra_length
        if member.flags & _ENCRYPTED or method not in (_STORED, _DEFLATED):
            raise Malformed("packed_otherwise")
        pieces = self._stretch(start, min(member.packed, most) if method == _STORED else member.packed)
        return pieces if method == _STORED else _inflated(pieces, most)

    def _stretch(self, start: int, length: int) -> Iterator[bytes]:
        while length:
            self._file.seek(start)
            piece = self._file.read(min(PIECE_BYTES, length))
            if not piece:
                raise Malformed("damaged")
            yield piece
            start, length = start + len(piece), length - len(piece)


def _inflated(pieces: Iterator[bytes], most: int) -> Iterator[bytes]:
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for piece in pieces:
            while most and (content := inflate.decompress(piece, min(PIECE_BYTES, most))):
                yield content
                most -= len(content)
                piece = inflate.unconsumed_tail
            if not most or inflate.eof:
                return
    except zlib.error as error:
        raise Malformed("damaged") from error


def _overlapping(entries: Sequence[Entry], end: int) -> frozenset[Entry]:
    """Files that share bytes with another one or with the directory: the trick of a bomb."""
    found, reached, last = set(), 0, None
    for entry in sorted(entries, key=lambda one: one.offset):
        stop = entry.offset + LOCAL.size + len(entry.raw_name) + entry.packed
        if entry.offset < reached and last is not None:
            found |= {entry, last}
        if stop > end:
            found.add(entry)
        if stop > reached:
            reached, last = stop, entry
    return frozenset(found)
