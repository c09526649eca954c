"""Series packs: the instances of a series back to back in one object, and at its end the list of them.

    instance … instance  list (JSON)  length of the list (8)  CRC-32 of the list (4)  "beeldpas pack 1\n"

Each instance lies there as it is served, its preamble zeroed as a rule. A pack is written once, under a name of its
own, and never changed: an instance that comes later goes into another pack, so that nobody who reads is disturbed.
The list is for the day when the index is lost. Why: docs/decisions/0015-series-packs.md.
"""

import json
import os
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from secrets import randbelow
from typing import BinaryIO, cast

from isal.isal_zlib import crc32

from beeldpas.domain.errors import Malformed
from beeldpas.formats.dicom import PREAMBLE_BYTES
from beeldpas.gateway.objects.port import ObjectFacts, ObjectStore
from beeldpas.gateway.scan import Checksums

SUFFIX = ".pack"
_READ_BYTES = 1024 * 1024
_LARGEST_LIST = 64 * 1024 * 1024
_MAGIC = b"beeldpas pack 1\n"
_FOOT = struct.Struct(">QL16s")


@dataclass(frozen=True, slots=True)
class Source:
    """A file that is to go into a pack, as it was when it was looked at; `size` in bytes.

    `keeps_preamble`: it is a TIFF as well, and the hospital wants that kept.
    """

    path: Path
    size: int
    changed_ns: int
    sop_uid: str
    keeps_preamble: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """An instance within a pack: where it begins, how long it is, and the checksums of its bytes as served."""

    sop_uid: str
    start: int
    length: int
    checksums: Checksums


def is_pack(key: str) -> bool:
    """Say whether an object calls itself a pack."""
    return key.endswith(SUFFIX)


def folder_of(study_uid: str, series_uid: str) -> str:
    """Return what the keys of a series' packs begin with."""
    return f"{study_uid}/{series_uid}/"


def write(
    store: ObjectStore, study_uid: str, series_uid: str, sources: Sequence[Source]
) -> tuple[ObjectFacts, tuple[Member, ...]]:
    """Write one pack, all of it or nothing, reading each file once.

    Raises: Unavailable("objects"), with reason "disk_full" and others; Malformed("changed") or ("unreadable") with
    the number of the file in its detail, when a file is not what it was: nothing was stored then.
    """
    body = _Body(sources)
    key = f"{folder_of(study_uid, series_uid)}{randbelow(10**18):018d}{SUFFIX}"
    try:
        facts = store.put(key, cast(BinaryIO, body), body.size)
    except Malformed as error:
        raise Malformed(error.reason, {"number": body.reading}) from error
    return facts, tuple(body.members)


def read_list(store: ObjectStore, facts: ObjectFacts) -> tuple[Member, ...]:
    """Return what a pack says that it holds. Raises: Malformed("pack_damaged"), Unavailable("objects")."""
    rest = facts.size - _FOOT.size
    if rest < 0:
        raise Malformed("pack_damaged")
    length, crc, magic = _FOOT.unpack(_read(store, facts, rest, _FOOT.size))
    if magic != _MAGIC or length > min(rest, _LARGEST_LIST):
        raise Malformed("pack_damaged")
    listed = _read(store, facts, rest - length, length)
    if crc32(listed) != crc:
        raise Malformed("pack_damaged")
    try:
        members = tuple(_member(values) for values in json.loads(listed)["instances"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise Malformed("pack_damaged") from error
    if any(one.start < 0 or one.length <= 0 or one.start + one.length > rest - length for one in members):
        raise Malformed("pack_damaged")
    return members


class _Body:
    """What goes into the store, read from the files as it is asked for. `reading` is the number of the file."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources
        self._content = self._all()
        self._rest = b""
        self.members: list[Member] = []
        self.reading = 0
        nothing = Checksums(0, bytes(32))
        end = _end([Member(one.sop_uid, 0, one.size, nothing) for one in sources])
        self.size = sum(one.size for one in sources) + len(end)

    def read(self, count: int) -> bytes:
        """Give up to `count` bytes, none at the end. Raises: Malformed("changed") or ("unreadable")."""
        chunk = self._rest or next(self._content, b"")
        self._rest = chunk[count:]
        return chunk[:count] if self._rest else chunk

    def _all(self) -> Iterator[bytes]:
        at = 0
        for number, source in enumerate(self._sources):
            self.reading = number
            crc, digest = 0, sha256()
            for chunk in _content_of(source):
                crc = crc32(chunk, crc)
                digest.update(chunk)
                yield chunk
            self.members.append(Member(source.sop_uid, at, source.size, Checksums(crc, digest.digest())))
            at += source.size
        yield _end(self.members)


def _content_of(source: Source) -> Iterator[bytes]:
    """Give the bytes of a file as they will be served."""
    at, emptied = 0, 0 if source.keeps_preamble else PREAMBLE_BYTES
    try:
        with source.path.open("rb", buffering=0) as file:
            found = os.fstat(file.fileno())
            if (found.st_size, found.st_mtime_ns) != (source.size, source.changed_ns):
                raise Malformed("changed")
            while at < source.size and (chunk := file.read(min(_READ_BYTES, source.size - at))):
                zeroed = max(0, min(emptied - at, len(chunk)))
                at += len(chunk)
                yield bytes(zeroed) + chunk[zeroed:] if zeroed else chunk
    except OSError as error:
        raise Malformed("unreadable") from error
    if at < source.size:
        raise Malformed("changed")


def _end(members: Sequence[Member]) -> bytes:
    """Encode the list and what leads to it; its length does not depend on the checksums."""
    at, instances = 0, []
    for one in members:
        instances.append(
            {
                "sop_uid": one.sop_uid,
                "start": at,
                "length": one.length,
                "crc32": f"{one.checksums.crc32:08x}",
                "sha256": one.checksums.sha256.hex(),
            }
        )
        at += one.length
    listed = json.dumps({"instances": instances}, separators=(",", ":")).encode()
    return listed + _FOOT.pack(len(listed), crc32(listed), _MAGIC)


def _member(values: dict[str, str | int]) -> Member:
    sums = Checksums(int(str(values["crc32"]), 16), bytes.fromhex(str(values["sha256"])))
    return Member(str(values["sop_uid"]), int(values["start"]), int(values["length"]), sums)


def _read(store: ObjectStore, facts: ObjectFacts, start: int, length: int) -> bytes:
    room = bytearray(length)
    if length:
        reader = store.open(facts.key, facts.version, start, length)
        try:
            reader.read_into(memoryview(room))
        finally:
            reader.close()
    return bytes(room)
