"""Writing entries: a new one gets version 1, a changed one the next, an unchanged one stays as it is.

One statement per kind of resource, however many entries; the caller's transaction makes it all or nothing.
*Source:* FHIR R4 §3.1.0.4 (update), §3.1.0.4.3 (conditional update), §3.1.0.5 (If-Match).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Table, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Conflict, Malformed
from beeldpas.formats.fhir.bundles import Stored, etag
from beeldpas.registry.store.tables import diagnostic_report, endpoint, imaging_study

_TABLES: Mapping[str, tuple[Table, str]] = {
    "Endpoint": (endpoint, "gateway_id"),
    "ImagingStudy": (imaging_study, "study_uid"),
    "DiagnosticReport": (diagnostic_report, "identifier"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One resource on its way into a table: `key` is its name within its hospital, `columns` the rest of the row.

    `person` is who it is about; the row has a name in their place.
    """

    kind: str
    key: str
    columns: Mapping[str, Any]
    if_match: str | None = None
    person: BSN | None = None


@dataclass(frozen=True, slots=True)
class _Kept:
    entry_id: str
    version: int


async def put(
    connection: AsyncConnection, gateway_id: str, entries: Sequence[Entry], now: datetime
) -> tuple[Stored, ...]:
    """Write the entries of one hospital and say for each how it went, in their order.

    Raises: Malformed("invalid_resource") when one comes twice or the hospital has no endpoint;
    Conflict("version_conflict") when an entry is not at the version that it must replace.
    """
    if len({(entry.kind, entry.key) for entry in entries}) != len(entries):
        raise Malformed("invalid_resource", {"where": "Bundle.entry: one entry twice"})
    kept: dict[tuple[str, str], tuple[_Kept, bool]] = {}
    for kind in _TABLES:  # endpoints first: the other entries refer to them
        ours = [entry for entry in entries if entry.kind == kind]
        if ours:
            await _need_endpoint(connection, gateway_id, kind)
            kept |= await _put_kind(connection, gateway_id, ours, now)
    return tuple(_stored(entry, *kept[entry.kind, entry.key]) for entry in entries)


async def _need_endpoint(connection: AsyncConnection, gateway_id: str, kind: str) -> None:
    if kind == "Endpoint":
        return
    known = await connection.execute(select(endpoint.c.version).where(endpoint.c.gateway_id == gateway_id))
    if known.first() is None:
        raise Malformed("invalid_resource", {"where": f"{kind}.endpoint: not published yet"})


async def _put_kind(
    connection: AsyncConnection, gateway_id: str, entries: Sequence[Entry], now: datetime
) -> dict[tuple[str, str], tuple[_Kept, bool]]:
    table, key = _TABLES[entries[0].kind]
    await _check_versions(connection, gateway_id, entries)
    # Always in the same order, so that two messages of one hospital cannot wait for each other.
    rows = [_row(table, key, gateway_id, entry, now) for entry in sorted(entries, key=lambda entry: entry.key)]
    written = await connection.execute(_upsert(connection.dialect.name, table, rows))
    new = {row[0] for row in written if row[1] == 1}
    kept = await _kept(connection, gateway_id, entries)
    return {(entry.kind, entry.key): (kept[entry.key], entry.key in new) for entry in entries}


async def _check_versions(connection: AsyncConnection, gateway_id: str, entries: Sequence[Entry]) -> None:
    conditional = [entry for entry in entries if entry.if_match is not None]
    if not conditional:
        return
    kept = await _kept(connection, gateway_id, conditional, lock=True)
    for entry in conditional:
        if entry.key not in kept or etag(kept[entry.key].version) != entry.if_match:
            raise Conflict("version_conflict", {"where": entry.kind})


async def _kept(
    connection: AsyncConnection, gateway_id: str, entries: Sequence[Entry], *, lock: bool = False
) -> dict[str, _Kept]:
    table, key = _TABLES[entries[0].kind]
    named = table.c.get("entry_id", table.c.gateway_id)
    wanted = select(table.c[key], named, table.c.version).where(
        table.c.gateway_id == gateway_id, table.c[key].in_([entry.key for entry in entries])
    )
    found = await connection.execute(wanted.with_for_update() if lock else wanted)
    return {row[0]: _Kept(row[1], row[2]) for row in found}


def _row(table: Table, key: str, gateway_id: str, entry: Entry, now: datetime) -> dict[str, Any]:
    named = {"entry_id": str(uuid4())} if "entry_id" in table.c else {}
    return {"gateway_id": gateway_id, key: entry.key, "version": 1, "updated_at": now, **named, **entry.columns}


def _upsert(dialect: str, table: Table, rows: list[dict[str, Any]]) -> Any:
    """Insert; where the entry is there already and differs, replace it and count its version up."""
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table).values(rows)
    keys = [column.name for column in table.primary_key]
    replaced = {
        column.name: insert.excluded[column.name]
        for column in table.c
        if column.name not in {*keys, "entry_id", "version"}
    }
    differs = [table.c[name] != insert.excluded[name] for name in ("resource", "pseudonym") if name in table.c]
    return insert.on_conflict_do_update(
        index_elements=keys, set_={**replaced, "version": table.c.version + 1}, where=or_(*differs)
    ).returning(table.c[keys[-1]], table.c.version)


def _stored(entry: Entry, kept: _Kept, created: bool) -> Stored:
    return Stored(f"{entry.kind}/{kept.entry_id}", kept.version, created)
