"""Writing the index: one batch of scanned files in one transaction, under one new generation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.database.once import insert_once
from beeldpas.formats.dicom import Instance
from beeldpas.gateway import quarantine
from beeldpas.gateway.objects.port import ObjectFacts
from beeldpas.gateway.scan import Scanned, checksums
from beeldpas.gateway.store import tables


@dataclass(frozen=True, slots=True)
class Look:
    """What came of looking at one object: it was scanned, or skipped for a reason."""

    facts: ObjectFacts
    scanned: Scanned | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one object: "indexed", "unchanged" or "skipped" with a reason."""

    key: str
    kind: str
    reason: str = ""


async def generation(connection: AsyncConnection) -> int:
    """Return the generation of the index now; 0 before anything was indexed."""
    found = await connection.execute(select(tables.index_state.c.generation))
    return found.scalar_one_or_none() or 0


async def add(connection: AsyncConnection, looks: Sequence[Look], local_issuer: str) -> tuple[Outcome, ...]:
    """Take a batch into the index; the studies it touches are compared with the crosswalk before anybody looks."""
    batch = _Batch(connection, local_issuer, await _next_generation(connection))
    outcomes = []
    for look in looks:
        outcome = await batch.take(look)
        await _remember(connection, look, outcome)
        outcomes.append(outcome)
    await batch.finish()
    return tuple(outcomes)


async def forget(connection: AsyncConnection, keys: Iterable[str]) -> int:
    """Take objects that are there no more out of the index; return how many instances went with them."""
    batch = _Batch(connection, "", await _next_generation(connection))
    for key in keys:
        await batch.retire(key)
        await connection.execute(delete(tables.seen_object).where(tables.seen_object.c.key == key))
    await batch.finish()
    return batch.retired


async def _next_generation(connection: AsyncConnection) -> int:
    table = tables.index_state
    await insert_once(connection, table, {"id": 1, "generation": 0}, ["id"])
    counted = await connection.execute(
        update(table).values(generation=table.c.generation + 1).returning(table.c.generation)
    )
    return int(counted.scalar_one())


class _Batch:
    """One generation of changes, and the studies that they touch."""

    def __init__(self, connection: AsyncConnection, local_issuer: str, generation: int) -> None:
        self._connection = connection
        self._local_issuer = local_issuer
        self._generation = generation
        self._touched: set[str] = set()
        self.retired = 0

    async def take(self, look: Look) -> Outcome:
        key, scanned = look.facts.key, look.scanned
        if scanned is None:
            await self.retire(key)
            return Outcome(key, "skipped", look.reason)
        known = await self._living(scanned.instance.sop_uid)
        same = known is not None and known.sha256 == scanned.checksums.sha256
        if known is not None and known.object_key != key:
            return Outcome(key, "skipped", "duplicate" if same else "uid_in_use")
        if same:
            await self._renew_version(look.facts)
            return Outcome(key, "unchanged")
        await self.retire(key)
        await self._insert(look.facts, scanned)
        return Outcome(key, "indexed")

    async def retire(self, key: str) -> None:
        """What an object held is gone: it is not there any more, or holds something else now."""
        table = tables.instance
        left = await self._connection.execute(
            update(table)
            .where(table.c.object_key == key, table.c.gone.is_(None))
            .values(gone=self._generation)
            .returning(table.c.study_uid)
        )
        studies = left.scalars().all()
        self.retired += len(studies)
        self._touched.update(studies)

    async def finish(self) -> None:
        """Say anew whose the touched studies are, and whether they may be seen."""
        for study_uid in self._touched:
            await _head(self._connection, study_uid)
        await quarantine.match(self._connection, self._touched)

    async def _living(self, sop_uid: str) -> Row[*tuple[Any, ...]] | None:
        table = tables.instance
        found = await self._connection.execute(
            select(table.c.object_key, table.c.sha256).where(table.c.sop_uid == sop_uid, table.c.gone.is_(None))
        )
        return found.one_or_none()

    async def _renew_version(self, facts: ObjectFacts) -> None:
        table = tables.instance
        await self._connection.execute(
            update(table)
            .where(table.c.object_key == facts.key, table.c.gone.is_(None))
            .values(object_version=facts.version)
        )

    async def _insert(self, facts: ObjectFacts, scanned: Scanned) -> None:
        found, records, person = scanned.instance, scanned.records, scanned.instance.identity
        await _keep_study(self._connection, found)
        await _keep_series(self._connection, found)
        self._touched.add(found.study_uid)
        row = {
            "sop_uid": found.sop_uid,
            "sop_class": found.sop_class,
            "study_uid": found.study_uid,
            "series_uid": found.series_uid,
            "issuer": _clip(person.issuer, 64) or self._local_issuer,
            "local_number": _clip(person.patient_id, 64),
            "patient_name": _clip(person.name, 324),
            "birth_date": person.birth_date,
            "sex": _clip(person.sex, 16),
            "number": found.number,
            "transfer_syntax": found.transfer_syntax,
            "object_key": facts.key,
            "object_version": facts.version,
            "start": 0,
            "length": scanned.size,
            "crc32": scanned.checksums.crc32,
            "sha256": scanned.checksums.sha256,
            "patient_record": records.patient,
            "study_record": records.study,
            "series_record": records.series,
            "leaf_record": records.leaf,
            "missing": " ".join(records.missing)[:512],
            "born": self._generation,
        }
        added = await self._connection.execute(insert(tables.instance).values(row).returning(tables.instance.c.id))
        await _keep_rest(self._connection, added.scalar_one(), scanned)


async def _head(connection: AsyncConnection, study_uid: str) -> None:
    """Copy whose a study is from its first living file."""
    table = tables.instance
    columns = (table.c.issuer, table.c.local_number, table.c.patient_name, table.c.birth_date, table.c.sex)
    first = await connection.execute(
        select(*columns).where(table.c.study_uid == study_uid, table.c.gone.is_(None)).order_by(table.c.id).limit(1)
    )
    row = first.one_or_none()
    if row is not None:
        await connection.execute(update(tables.study).where(tables.study.c.uid == study_uid).values(**row._mapping))


async def _keep_study(connection: AsyncConnection, found: Instance) -> None:
    values = {
        "uid": found.study_uid,
        "issuer": "",
        "local_number": "",
        "patient_name": "",
        "sex": "",
        "study_date": _clip(found.study_date, 16),
        "study_time": _clip(found.study_time, 32),
        "description": _clip(found.study_description, 256),
        "accession": _clip(found.accession, 64),
        "bsn": "",
        "withheld": "unmapped",
    }
    await insert_once(connection, tables.study, values, ["uid"])


async def _keep_series(connection: AsyncConnection, found: Instance) -> None:
    values = {
        "study_uid": found.study_uid,
        "uid": found.series_uid,
        "number": found.series_number,
        "modality": _clip(found.modality, 16),
        "description": _clip(found.series_description, 256),
        "body_part": _clip(found.body_part, 64),
        "laterality": _clip(found.laterality, 16),
    }
    await insert_once(connection, tables.series, values, ["study_uid", "uid"])


async def _keep_rest(connection: AsyncConnection, instance_id: int, scanned: Scanned) -> None:
    model = {"instance_id": instance_id, "model": scanned.model.replace("\\u0000", "")}
    await connection.execute(insert(tables.instance_metadata).values(model))
    document = scanned.document
    if document is None:
        return
    sums = checksums(document.content)
    await connection.execute(
        insert(tables.report).values(
            instance_id=instance_id,
            kind=document.kind,
            title=_clip(document.title, 256),
            start=document.start,
            body=document.content if document.start is None else None,
            length=len(document.content),
            crc32=sums.crc32,
            sha256=sums.sha256,
        )
    )


async def _remember(connection: AsyncConnection, look: Look, outcome: Outcome) -> None:
    table, facts = tables.seen_object, look.facts
    await connection.execute(delete(table).where(table.c.key == facts.key))
    sop_uid = look.scanned.instance.sop_uid if look.scanned else ""
    values = {"key": facts.key, "version": facts.version, "outcome": outcome.kind, "reason": outcome.reason}
    await connection.execute(insert(table).values(values | {"sop_uid": sop_uid}))


def _clip(value: str, length: int) -> str:
    """Shorten what a header says to what a column holds; databases refuse NUL in a text."""
    return value.replace("\0", "")[:length]
