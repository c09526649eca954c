"""What was taken back in the index, event by event: rejected, corrected, amended, moved, withheld or kept back.

Two things follow: answers under way that hold something harmful are cut, and who got it before is remembered.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.formats.evidence import SAFETY, WORKLIST
from beeldpas.gateway.changes import KEPT_BACK, MOVED, WITHHELD
from beeldpas.gateway.store.changes import amended_report, index_change
from beeldpas.gateway.store.tables import instance

CORRECTED, AMENDED = "corrected", "amended"


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What was taken back in one study in one generation, for one reason. `instances` empty: the whole study."""

    generation: int
    study_uid: str
    reason: str
    code: str
    instances: tuple[str, ...]

    @property
    def is_harmful(self) -> bool:
        """Say whether it may hurt somebody that this still reaches anybody: then what is under way is cut."""
        return self.reason in (MOVED, WITHHELD, KEPT_BACK) or self.code in (SAFETY, WORKLIST)


async def withdrawals(
    connection: AsyncConnection, earlier: int, later: int, studies: Collection[str] | None = None
) -> list[Withdrawal]:
    """Return what was taken back after generation `earlier`, up to `later`; in all studies when None."""
    if earlier >= later:
        return []
    found = defaultdict[tuple[int, str, str, str], set[str]](set)
    table = index_change
    reasons = select(table).where(table.c.generation > earlier, table.c.generation <= later)
    for row in await connection.execute(_of(reasons, table.c.study_uid, studies)):
        found[row.generation, row.study_uid, row.kind, row.code] |= {row.sop_uid} - {""}
    for row in await connection.execute(_of(_corrected(earlier, later), instance.c.study_uid, studies)):
        found[row.born, row.study_uid, CORRECTED, ""].add(row.sop_uid)
    for row in await connection.execute(_of(_amended(earlier, later), instance.c.study_uid, studies)):
        found[row.born, row.study_uid, AMENDED, ""].add(row.replaces)
    return [Withdrawal(*key, tuple(sorted(found[key]))) for key in sorted(found)]


def _of(statement: Select[Any], column: ColumnElement[str], studies: Collection[str] | None) -> Select[Any]:
    return statement if studies is None else statement.where(column.in_(studies))


def _corrected(earlier: int, later: int) -> Select[Any]:
    """New versions of instances that were served with other bytes before."""
    before = instance.alias()
    other = and_(
        before.c.sop_uid == instance.c.sop_uid,
        before.c.gone <= instance.c.born,
        before.c.gone > before.c.born,
        before.c.sha256 != instance.c.sha256,
    )
    wanted = select(instance.c.born, instance.c.study_uid, instance.c.sop_uid).distinct()
    return wanted.join(before, other).where(instance.c.born > earlier, instance.c.born <= later)


def _amended(earlier: int, later: int) -> Select[Any]:
    """Reports that came and take the place of others."""
    wanted = select(instance.c.born, instance.c.study_uid, amended_report.c.replaces).distinct()
    return wanted.join(amended_report, amended_report.c.sop_uid == instance.c.sop_uid).where(
        instance.c.born > earlier, instance.c.born <= later
    )
