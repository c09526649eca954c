"""What changed in some studies between two generations of the index, and what must not be given out for it.

What came, was corrected and went is read from the versions of the instances themselves; why, from the memory beside
them. Everything here is UIDs and codes. *Source:* docs/decisions/0017-changes.md.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.domain.errors import Conflict
from beeldpas.gateway.pacs.whole import fetched_after
from beeldpas.gateway.release import Onlooker, has_come_for, may_leave
from beeldpas.gateway.store.changes import amended_report, index_change
from beeldpas.gateway.store.published import published
from beeldpas.gateway.store.release import release_rule
from beeldpas.gateway.store.tables import instance, seen_object, study

REJECTED, MOVED, WITHHELD, KEPT_BACK = "rejected", "moved", "withheld", "kept_back"


@dataclass(frozen=True, slots=True)
class StudyChanges:
    """What changed in one study, by SOP UID; a rejection with the code of its note, an amendment as (old, new)."""

    study_uid: str
    added: tuple[str, ...] = ()
    corrected: tuple[str, ...] = ()
    rejected: tuple[tuple[str, str], ...] = ()
    amended: tuple[tuple[str, str], ...] = ()
    gone: tuple[str, ...] = ()

    @property
    def withdrawn(self) -> int:
        """How many instances are there no more, for whatever reason."""
        return len(self.rejected) + len(self.gone)

    def __bool__(self) -> bool:
        return any((self.added, self.corrected, self.rejected, self.amended, self.gone))


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since the patient confirmed, and since this receiver's earlier download; None: no such moment.

    `replaced`: the reports of which there is a newer version now, as (old, new). `held_back`: how many studies the
    hospital does not give to this receiver, by rules of its own.
    """

    since_confirmed: tuple[StudyChanges, ...] | None = None
    since_earlier: tuple[StudyChanges, ...] | None = None
    replaced: tuple[tuple[str, str], ...] = ()
    held_back: int = 0


@dataclass(slots=True)
class _Versions:
    """One instance before and after: its SHA-256, or None where it was not served."""

    before: bytes | None = None
    after: bytes | None = None


async def since(
    connection: AsyncConnection, studies: Collection[str], earlier: int | None, now: int, onlooker: Onlooker
) -> tuple[StudyChanges, ...] | None:
    """Return what changed in these studies up to generation `now`, as far as the onlooker may know of it.

    None when nobody knows since when.

    A generation that is yet to come is one of another index: this one was made anew since.
    """
    if earlier is None or earlier > now:
        return None
    return await between(connection, studies, earlier, now, onlooker)


async def between(
    connection: AsyncConnection, studies: Collection[str], earlier: int, later: int, onlooker: Onlooker
) -> tuple[StudyChanges, ...]:
    """Return what changed in these studies after generation `earlier`, up to `later`; what did not is left out."""
    if earlier >= later or not studies:
        return ()
    studies = set(studies) - await fetched_after(connection, studies, earlier)
    versions = await _versions(connection, studies, earlier, later, onlooker)
    why = await _reasons(connection, studies, earlier, later)
    amended = await _amended(connection, versions)
    found = (_of_study(uid, versions[uid], why, amended[uid]) for uid in sorted(versions))
    return tuple(one for one in found if one)


async def _versions(
    connection: AsyncConnection, studies: Collection[str], earlier: int, later: int, onlooker: Onlooker
) -> dict[str, dict[str, _Versions]]:
    """Return, by study and SOP UID, the instances of which a version began or ended in between."""
    table = instance
    rows = await connection.execute(
        select(table.c.study_uid, table.c.sop_uid, table.c.sha256, table.c.born, table.c.gone).where(
            table.c.study_uid.in_(studies),
            may_leave(onlooker, later),
            or_(
                and_(table.c.born > earlier, table.c.born <= later),
                and_(table.c.gone > earlier, table.c.gone <= later),
            ),
        )
    )
    found = defaultdict[str, dict[str, _Versions]](dict)
    for row in rows:
        versions = found[row.study_uid].setdefault(row.sop_uid, _Versions())
        if row.born <= earlier < (row.gone or later + 1):
            versions.before = row.sha256
        if row.born <= later < (row.gone or later + 1):
            versions.after = row.sha256
    return found


async def _reasons(
    connection: AsyncConnection, studies: Collection[str], earlier: int, later: int
) -> Mapping[str, str]:
    """Return the code of the latest note for what was rejected in between."""
    table = index_change
    rows = await connection.execute(
        select(table.c.sop_uid, table.c.code)
        .where(table.c.study_uid.in_(studies), table.c.kind == REJECTED)
        .where(table.c.generation > earlier, table.c.generation <= later)
        .order_by(table.c.generation)
    )
    return {row.sop_uid: row.code for row in rows}


async def _amended(
    connection: AsyncConnection, versions: Mapping[str, Mapping[str, _Versions]]
) -> Mapping[str, list[tuple[str, str]]]:
    """Return the reports that a new one took the place of, by study."""
    rows = await connection.execute(select(amended_report).where(amended_report.c.study_uid.in_(list(versions))))
    found = defaultdict[str, list[tuple[str, str]]](list)
    for row in rows:
        newer = versions[row.study_uid].get(row.sop_uid)
        if newer is not None and newer.before is None and newer.after is not None:
            found[row.study_uid].append((row.replaces, row.sop_uid))
    return found


def _of_study(
    study_uid: str, versions: Mapping[str, _Versions], why: Mapping[str, str], amended: Iterable[tuple[str, str]]
) -> StudyChanges:
    pairs = tuple(sorted(amended))
    old, new = {one for one, _ in pairs}, {one for _, one in pairs}
    left = sorted(uid for uid, one in versions.items() if one.before is not None and one.after is None)
    both = ((uid, one) for uid, one in versions.items() if one.before is not None and one.after is not None)
    came = (uid for uid, one in versions.items() if one.before is None and one.after is not None)
    return StudyChanges(
        study_uid=study_uid,
        added=tuple(sorted(uid for uid in came if uid not in new)),
        corrected=tuple(sorted(uid for uid, one in both if one.before != one.after)),
        rejected=tuple((uid, why[uid]) for uid in left if uid in why),
        amended=pairs,
        gone=tuple(uid for uid in left if uid not in why and uid not in old),
    )


async def note(connection: AsyncConnection, generation: int, kind: str, studies: Sequence[str]) -> None:
    """Remember that whole studies were moved to another patient, or withheld."""
    rows = [{"generation": generation, "study_uid": uid, "sop_uid": "", "kind": kind, "code": ""} for uid in studies]
    if rows:
        await connection.execute(insert(index_change), rows)


async def not_for(connection: AsyncConnection, studies: Collection[str], confirmed: int | None) -> frozenset[str]:
    """Return which of these studies are another patient's than when they were confirmed, or may be.

    Without a confirmed generation every study that ever moved is one.
    """
    moved = select(index_change.c.study_uid).where(
        index_change.c.study_uid.in_(studies),
        index_change.c.kind == MOVED,
        index_change.c.generation > (-1 if confirmed is None else confirmed),
    )
    return frozenset((await connection.execute(moved)).scalars())


async def not_told(connection: AsyncConnection, studies: Collection[str]) -> frozenset[str]:
    """Return which of these studies stand in the registry as another patient's: it has yet to hear of the move."""
    rows = await connection.execute(
        select(study.c.uid)
        .join(published, published.c.study_uid == study.c.uid)
        .where(study.c.uid.in_(studies), published.c.withdrawn.is_(False), published.c.bsn != study.c.bsn)
    )
    return frozenset(rows.scalars())


async def require_unchanged(
    connection: AsyncConnection, studies: Collection[str], generation: int, onlooker: Onlooker
) -> None:
    """Make sure that a selection can still be given as that generation has it.

    Raises: Conflict("download_changed") when something of it was rejected, moved, withheld or kept back from the
    onlooker since, or its bytes are not in the store any more.
    """
    if not studies:
        return
    recent = index_change.c.study_uid.in_(studies) & (index_change.c.generation > generation)
    rejected = and_(index_change.c.kind == REJECTED, _was_served(index_change.c.sop_uid, generation))
    hidden = exists().where(study.c.uid == index_change.c.study_uid, study.c.withheld != "")
    barred = or_(rejected, index_change.c.kind == MOVED, and_(index_change.c.kind == WITHHELD, hidden))
    in_place = exists().where(
        seen_object.c.key == instance.c.object_key, seen_object.c.version == instance.c.object_version
    )
    lost = and_(
        instance.c.study_uid.in_(studies), instance.c.born <= generation, instance.c.gone > generation, ~in_place
    )
    kept_back = release_rule.c.study_uid.in_(studies) & has_come_for(onlooker, generation)
    found = select(index_change.c.study_uid).where(recent, barred)
    others = select(instance.c.study_uid).where(lost), select(release_rule.c.study_uid).where(kept_back)
    if (await connection.execute(found.union_all(*others).limit(1))).first() is not None:
        raise Conflict("download_changed")


def _was_served(sop_uid: ColumnElement[str], generation: int) -> ColumnElement[bool]:
    return exists().where(instance.c.sop_uid == sop_uid, instance.c.born <= generation, instance.c.gone > generation)
