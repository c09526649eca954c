"""Writing the index: one batch of scanned files in one transaction, under one new generation."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.database.once import insert_once
from beeldpas.gateway import amendments, quarantine, rejection
from beeldpas.gateway.generations import next_generation
from beeldpas.gateway.notes import Note, replace_notes, with_notes
from beeldpas.gateway.objects.port import ObjectFacts
from beeldpas.gateway.rows import instance_row, metadata_row, note_of, report_row, series_row, study_row
from beeldpas.gateway.scan import Scanned
from beeldpas.gateway.store import tables
from beeldpas.gateway.store.packs import passed_over


@dataclass(frozen=True, slots=True)
class Look:
    """What came of looking at an object, or at the instance that begins `start` bytes into it: scanned, or not."""

    facts: ObjectFacts
    scanned: Scanned | None
    reason: str = ""
    start: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file or instance: "indexed", "unchanged" or "skipped" with a reason."""

    key: str
    kind: str
    reason: str = ""


async def generation(connection: AsyncConnection) -> int:
    """Return the generation of the index now; 0 before anything was indexed."""
    found = await connection.execute(select(tables.index_state.c.generation))
    return found.scalar_one_or_none() or 0


async def add(connection: AsyncConnection, looks: Sequence[Look], local_issuer: str) -> tuple[Outcome, ...]:
    """Take a batch into the index; the studies it touches are compared with the crosswalk before anybody looks.

    The looks at the instances of one object stand together, and all of them are there.
    """
    batch = _Batch(connection, local_issuer, await next_generation(connection))
    await batch.recall(looks)
    outcomes = []
    for facts, inside in groupby(looks, lambda look: look.facts):
        outcomes += await batch.take(facts, list(inside))
    await batch.finish()
    await _remember(connection, looks, outcomes)
    return tuple(outcomes)


async def forget(connection: AsyncConnection, keys: Sequence[str]) -> int:
    """Take objects that are there no more out of the index; return how many instances went with them."""
    batch = _Batch(connection, "", await next_generation(connection))
    for key in keys:
        await batch.retire(key)
    for table in (tables.seen_object, passed_over):
        await connection.execute(delete(table).where(table.c.key.in_(keys)))
    await batch.finish()
    return batch.retired


@dataclass(frozen=True, slots=True)
class _Living:
    """The one version of an instance that is served now."""

    key: str
    start: int
    sha256: bytes


class _Batch:
    """One generation of changes, and the studies that they touch."""

    def __init__(self, connection: AsyncConnection, local_issuer: str, generation: int) -> None:
        self._connection = connection
        self._local_issuer = local_issuer
        self._generation = generation
        self._living: dict[str, _Living] = {}
        self._noted: frozenset[str] | None = None
        self._fresh: list[Look] = []
        self._touched: set[str] = set()
        self.retired = 0

    async def recall(self, looks: Sequence[Look]) -> None:
        """Fetch what is served now under the UIDs of these files."""
        table = tables.instance
        sop_uids = [look.scanned.instance.sop_uid for look in looks if look.scanned]
        rows = await self._connection.execute(
            select(table.c.sop_uid, table.c.object_key, table.c.start, table.c.sha256).where(
                table.c.sop_uid.in_(sop_uids), table.c.gone.is_(None)
            )
        )
        self._living = {row.sop_uid: _Living(row.object_key, row.start, row.sha256) for row in rows}
        self._noted = await with_notes(self._connection, [look.facts.key for look in looks])

    async def take(self, facts: ObjectFacts, looks: Sequence[Look]) -> list[Outcome]:
        """Decide what becomes of one object: of what it holds now, and of what it held before."""
        outcomes = [self._decide(look) for look in looks]
        kept = [
            look.scanned.instance.sop_uid
            for look, outcome in zip(looks, outcomes, strict=True)
            if look.scanned and outcome.kind == "unchanged"
        ]
        if kept:
            await self._renew_version(facts)
        notes = [
            note_of(look.scanned, self._local_issuer) for look in looks if look.scanned and look.scanned.rejection
        ]
        await self.retire(facts.key, kept, notes)
        return outcomes

    def _decide(self, look: Look) -> Outcome:
        key, scanned = look.facts.key, look.scanned
        if scanned is None:
            return Outcome(key, "skipped", look.reason)
        if scanned.rejection:
            return Outcome(key, "indexed")
        sop_uid, sums = scanned.instance.sop_uid, scanned.checksums.sha256
        known = self._living.get(sop_uid)
        if known is not None and known.key != key:
            return Outcome(key, "skipped", "duplicate" if known.sha256 == sums else "uid_in_use")
        here = _Living(key, look.start, sums)
        if known == here:
            return Outcome(key, "unchanged")
        self._living[sop_uid] = here
        self._fresh.append(look)
        return Outcome(key, "indexed")

    async def retire(self, key: str, kept: Sequence[str] = (), notes: Sequence[Note] = ()) -> None:
        """What an object held is gone, but for the instances `kept`: it is not there, or holds something else now.

        Copies that were passed over for its sake are looked at again by the next ingest.
        """
        table, seen = tables.instance, tables.seen_object
        left = await self._connection.execute(
            update(table)
            .where(table.c.object_key == key, table.c.gone.is_(None), table.c.sop_uid.not_in(kept))
            .values(gone=self._generation)
            .returning(table.c.study_uid, table.c.sop_uid)
        )
        rows = left.all()
        self.retired += len(rows)
        self._touched.update(row.study_uid for row in rows)
        if notes or self._noted is None or key in self._noted:
            self._touched |= await replace_notes(self._connection, self._generation, key, notes)
        if rows:
            copies = select(passed_over.c.key).where(passed_over.c.sop_uid.in_([row.sop_uid for row in rows]))
            await self._connection.execute(delete(seen).where(seen.c.key.in_(copies)))

    async def finish(self) -> None:
        """Add what is new, and say anew whose the touched studies are and whether they may be seen."""
        await self._insert()
        await rejection.settle(self._connection, self._generation, self._touched)
        for study_uid in self._touched:
            await _head(self._connection, study_uid)
        await quarantine.match(self._connection, self._touched, self._generation)

    async def _renew_version(self, facts: ObjectFacts) -> None:
        table = tables.instance
        await self._connection.execute(
            update(table)
            .where(table.c.object_key == facts.key, table.c.gone.is_(None))
            .values(object_version=facts.version)
        )

    async def _insert(self) -> None:
        scans = [look.scanned for look in self._fresh if look.scanned]
        if not scans:
            return
        # Of what the files say of their study and series, the word of the first one counts.
        found = [scanned.instance for scanned in reversed(scans)]
        studies = {one.study_uid: one for one in found}
        series = {(one.study_uid, one.series_uid): one for one in found}
        for one in studies.values():
            await insert_once(self._connection, tables.study, study_row(one), ["uid"])
        for one in series.values():
            await insert_once(self._connection, tables.series, series_row(one), ["study_uid", "uid"])
        self._touched |= studies.keys()
        added = await self._connection.execute(
            insert(tables.instance).returning(tables.instance.c.id, sort_by_parameter_order=True),
            [
                instance_row(look.facts, look.start, look.scanned, self._local_issuer) | {"born": self._generation}
                for look in self._fresh
                if look.scanned
            ],
        )
        numbered = list(zip(added.scalars().all(), scans, strict=True))
        await self._connection.execute(
            insert(tables.instance_metadata), [metadata_row(number, scanned) for number, scanned in numbered]
        )
        reports = [report_row(number, one.document) for number, one in numbered if one.document]
        if reports:
            await self._connection.execute(insert(tables.report), reports)
        await amendments.keep(self._connection, scans)


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


async def _remember(connection: AsyncConnection, looks: Sequence[Look], outcomes: Sequence[Outcome]) -> None:
    """Note what was looked at, so that it need not be looked at again, and what was passed over."""
    seen: dict[str, dict[str, str]] = {}
    passed: dict[tuple[str, str], dict[str, str]] = {}
    for look, outcome in zip(looks, outcomes, strict=True):
        key = look.facts.key
        row = {"key": key, "version": look.facts.version, "outcome": outcome.kind, "reason": outcome.reason}
        if key not in seen or outcome.kind != "skipped":
            seen[key] = row
        if outcome.kind == "skipped" and look.scanned:
            sop_uid = look.scanned.instance.sop_uid
            passed[key, sop_uid] = {"key": key, "sop_uid": sop_uid}
    for table, rows in ((tables.seen_object, seen), (passed_over, passed)):
        await connection.execute(delete(table).where(table.c.key.in_(list(seen))))
        if rows:
            await connection.execute(insert(table), list(rows.values()))
