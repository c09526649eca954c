"""Writing entries: a new one gets version 1, a changed one the next, an unchanged one stays as it is.

What a changed entry said before goes to the history. A few statements per kind of resource, however many entries; the
caller's transaction makes it all or nothing.
*Source:* FHIR R4 §3.1.0.4 (update), §3.1.0.4.3 (conditional update), §3.1.0.5 (If-Match), §3.1.0.7 (delete).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Table, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Conflict, Malformed
from beeldpas.formats.fhir.bundles import Stored, etag
from beeldpas.registry.store import endpoints, places
from beeldpas.registry.store.places import DELETED, Place, Wanted
from beeldpas.registry.store.tables import diagnostic_report, entry_history, imaging_study, study_instances

TABLES: Mapping[str, Table] = {"ImagingStudy": imaging_study, "DiagnosticReport": diagnostic_report}


@dataclass(frozen=True, slots=True)
class Entry:
    """One resource on its way into a table: `key` is its name within its hospital, `columns` the rest of the row.

    `person` is who it is about; the row has a name in their place. Without columns, what stands there is taken out.
    Of a study whose instances are listed: `told` is its text with them in it, `instances` are those, packed.
    """

    kind: str
    key: str
    columns: Mapping[str, Any]
    if_match: str | None = None
    person: BSN | None = None
    told: str = ""
    instances: bytes = b""

    @property
    def wanted(self) -> Wanted:
        """Say what its place must come to hold."""
        digest = sha256((self.told or self.columns.get("resource", "")).encode()).digest()
        return Wanted(self.key, self.columns.get("pseudonym"), self.columns.get("status", DELETED), digest)


async def put(
    connection: AsyncConnection, gateway_id: str, entries: Sequence[Entry], now: datetime
) -> tuple[Stored, ...]:
    """Write the entries of one hospital and say for each how it went, in their order.

    Raises: Malformed("invalid_resource") when one comes twice or the hospital has no endpoint;
    Conflict("version_conflict") when an entry is not at the version that it must replace.
    """
    if len({(entry.kind, entry.key) for entry in entries}) != len(entries):
        raise Malformed("invalid_resource", {"where": "Bundle.entry: one entry twice"})
    stored: dict[tuple[str, str], Stored] = {}
    for entry in entries:  # the endpoint first: the other entries refer to it
        if entry.kind == "Endpoint":
            stored[entry.kind, entry.key] = await endpoints.put(
                connection, gateway_id, entry.columns["resource"], entry.if_match, now
            )
    for kind in TABLES:
        ours = sorted((entry for entry in entries if entry.kind == kind), key=lambda entry: entry.key)
        if ours:
            await endpoints.need(connection, gateway_id, kind)
            stored |= await _put_kind(connection, gateway_id, kind, ours, now)
    return tuple(stored[entry.kind, entry.key] for entry in entries)


async def _put_kind(
    connection: AsyncConnection, gateway_id: str, kind: str, entries: Sequence[Entry], now: datetime
) -> dict[tuple[str, str], Stored]:
    held = await places.hold(connection, gateway_id, kind, [entry.key for entry in entries])
    _check_versions(kind, entries, held)
    new = [entry.wanted for entry in entries if entry.key not in held and entry.columns]
    made = await places.claim(connection, gateway_id, kind, new, now)
    if late := [one.key for one in new if one.key not in made]:
        held |= await places.hold(connection, gateway_id, kind, late)
    later = {entry.key: _later(held[entry.key], entry.wanted, now) for entry in entries if entry.key in held}
    changed = [place for key, place in later.items() if place is not held[key]]
    await _take_out(connection, kind, [held[place.key] for place in changed])
    await places.move(connection, gateway_id, kind, changed)
    written = made | {place.key: place for place in changed}
    rows = [
        _row(gateway_id, entry, written[entry.key]) for entry in entries if entry.columns and entry.key in written
    ]
    if rows:
        await connection.execute(insert(TABLES[kind]), rows)
    await _keep_instances(connection, [entry for entry in entries if entry.key in written], written)
    return {(kind, entry.key): _stored(kind, entry, held.get(entry.key), made | later) for entry in entries}


async def _keep_instances(
    connection: AsyncConnection, entries: Sequence[Entry], written: Mapping[str, Place]
) -> None:
    """Keep what each new version lists, beside it: earlier versions keep theirs."""
    rows = [
        {"entry_id": written[one.key].entry_id, "version": written[one.key].version, "packed": one.instances}
        for one in entries
        if one.instances
    ]
    if rows:
        await connection.execute(insert(study_instances), rows)


def _check_versions(kind: str, entries: Sequence[Entry], held: Mapping[str, Place]) -> None:
    for entry in entries:
        place = held.get(entry.key)
        if entry.if_match is not None and (place is None or etag(place.version) != entry.if_match):
            raise Conflict("version_conflict", {"where": kind})


def _later(place: Place, wanted: Wanted, now: datetime) -> Place:
    """The place as it will be; the very same when nothing changes."""
    is_same = (place.pseudonym, place.status, place.digest) == (wanted.pseudonym, wanted.status, wanted.digest)
    if is_same:
        return place
    return replace(
        place,
        pseudonym=wanted.pseudonym,
        status=wanted.status,
        digest=wanted.digest,
        version=place.version + 1,
        updated_at=now,
    )


async def _take_out(connection: AsyncConnection, kind: str, before: Sequence[Place]) -> None:
    """Move what entries said until now to the history."""
    gone = [_nothing(place) for place in before if place.pseudonym is None]
    if gone:
        await connection.execute(insert(entry_history), gone)
    living = [place for place in before if place.pseudonym is not None]
    if not living:
        return
    table = TABLES[kind]
    these = (
        table.c.pseudonym.in_({place.pseudonym for place in living}),
        table.c.entry_id.in_([place.entry_id for place in living]),
    )
    said = select(*(table.c[column.name] for column in entry_history.c)).where(*these)
    rows = [dict(row._mapping) for row in await connection.execute(said)]
    await connection.execute(insert(entry_history), rows)
    await connection.execute(delete(table).where(*these))


def _nothing(place: Place) -> dict[str, Any]:
    """A version that had taken the entry out said nothing."""
    return {"entry_id": place.entry_id, "version": place.version, "updated_at": place.updated_at, "resource": ""}


def _row(gateway_id: str, entry: Entry, place: Place) -> dict[str, Any]:
    beside = {"entry_id": place.entry_id, "version": place.version, "updated_at": place.updated_at}
    return {"gateway_id": gateway_id, "key": entry.key, **beside, **entry.columns}


def _stored(kind: str, entry: Entry, before: Place | None, after: Mapping[str, Place]) -> Stored:
    """How it went. Of what was to be taken out and was not there, nothing is left to point at."""
    place = after.get(entry.key)
    if place is None:
        return Stored(kind, 0, created=False, deleted=True)
    created = bool(entry.columns) and (before is None or before.status == DELETED)
    return Stored(f"{kind}/{place.entry_id}", place.version, created, deleted=not entry.columns)
