"""Which generation of a hospital's index the patient confirmed: what was added or taken back later is labelled."""

from collections.abc import Mapping, Sequence

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.portal.store.tables import share_confirmed as table


async def keep(connection: AsyncConnection, share_id: str, generations: Mapping[str, int]) -> None:
    """Keep the generation of each hospital (by id) of a new share."""
    rows = [
        {"share_id": share_id, "gateway_id": gateway_id, "generation": generation}
        for gateway_id, generation in generations.items()
    ]
    if rows:
        await connection.execute(insert(table), rows)


async def of_shares(connection: AsyncConnection, share_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return the generations of each share by hospital; a share of before this was kept has none."""
    found: dict[str, dict[str, int]] = {share_id: {} for share_id in share_ids}
    for row in await connection.execute(select(table).where(table.c.share_id.in_(share_ids))):
        found[row.share_id][row.gateway_id] = row.generation
    return found


async def of_share(connection: AsyncConnection, share_id: str) -> dict[str, int]:
    """Return the generations of one share by hospital."""
    return (await of_shares(connection, [share_id]))[share_id]
