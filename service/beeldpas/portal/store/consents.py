"""On what ground a share exists: which text its patient agreed to, or who agreed in their stead.

The row outlives what the share held: it is the proof that somebody wanted it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ForeignKey, String, Table, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.database.instant import Instant
from beeldpas.portal.store.tables import metadata

table = Table(
    "share_consent",
    metadata,
    Column("share_id", String(32), ForeignKey("share.share_id"), primary_key=True),
    Column("text_name", String(32), nullable=False),  # version and language; "" for shares from before this table
    Column("relation", String(16), nullable=False),  # parent, mandate; "" for patients themselves
    Column("acting", String(96)),  # the pseudonym of who agreed in the patient's stead
    Column("erased_at", Instant),  # when everything else about the share was erased
)


@dataclass(frozen=True, slots=True)
class Consent:
    """What was agreed to and by whom; `erased_at` when the share's own details are gone."""

    share_id: str
    text_name: str
    relation: str
    acting: str | None
    erased_at: datetime | None = None


async def keep(connection: AsyncConnection, consent: Consent) -> None:
    """Keep what a share rests on, in the transaction that makes it."""
    await connection.execute(
        insert(table).values(
            share_id=consent.share_id,
            text_name=consent.text_name,
            relation=consent.relation,
            acting=consent.acting,
        )
    )


async def of_shares(connection: AsyncConnection, share_ids: Sequence[str]) -> dict[str, Consent]:
    """Return the consent of each share that has one, by id."""
    rows = await connection.execute(select(table).where(table.c.share_id.in_(share_ids)))
    return {row.share_id: Consent(**row._mapping) for row in rows}
