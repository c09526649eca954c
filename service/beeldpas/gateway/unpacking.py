"""Looking at objects of the store: a loose file where it lies, or every instance of a pack that nobody knows."""

from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from beeldpas.domain.errors import Malformed
from beeldpas.gateway import packs
from beeldpas.gateway.indexing import Look
from beeldpas.gateway.objects.port import ObjectFacts, ObjectStore, no_room_to_read
from beeldpas.gateway.packs import Member
from beeldpas.gateway.scan import Scanned, scan

_IN_MEMORY = 32 * 1024 * 1024
_CHUNK = 1024 * 1024


def look_at(store: ObjectStore, facts: ObjectFacts, *, keep_tiff: bool = False) -> list[Look]:
    """Look at whatever an object is; a loose file that is a TIFF as well may keep its preamble.

    Raises: Unavailable("objects").
    """
    return look_into(store, facts) if packs.is_pack(facts.key) else [_look(store, facts, None, keep_tiff)]


def look_into(store: ObjectStore, facts: ObjectFacts) -> list[Look]:
    """Look at every instance of a pack; one that is not what the pack's list says is left out.

    Raises: Unavailable("objects").
    """
    try:
        members = packs.read_list(store, facts)
    except Malformed as error:
        return [Look(facts, None, error.reason)]
    # What a pack holds is as it is served: a TIFF in it was let in with its preamble.
    return [_look(store, facts, member, keep_tiff=True) for member in members] or [Look(facts, None, "pack_empty")]


def _look(store: ObjectStore, facts: ObjectFacts, member: Member | None, keep_tiff: bool) -> Look:
    start, length = (member.start, member.length) if member else (0, facts.size)
    with SpooledTemporaryFile(_IN_MEMORY) as file:
        _fetch(store, facts, start, length, cast(BinaryIO, file))
        try:
            found = scan(cast(BinaryIO, file), length, keep_tiff=keep_tiff)
        except Malformed as error:
            return Look(facts, None, error.reason, start)
    if member and _differs(found, member):
        return Look(facts, None, "pack_damaged", start)
    return Look(facts, found, start=start)


def _differs(found: Scanned, member: Member) -> bool:
    return (found.instance.sop_uid, found.checksums) != (member.sop_uid, member.checksums)


def _fetch(store: ObjectStore, facts: ObjectFacts, start: int, length: int, file: BinaryIO) -> None:
    if not length:
        return
    reader, left = store.open(facts.key, facts.version, start, length), length
    chunk = memoryview(bytearray(min(_CHUNK, left)))
    try:
        while left:
            part = chunk[: min(left, len(chunk))]
            reader.read_into(part)
            try:
                file.write(part)
            except OSError as error:
                raise no_room_to_read() from error
            left -= len(part)
    finally:
        reader.close()
