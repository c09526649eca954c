"""The hospital's own access log, as its administrator reads it: every row, with the hashes it was sealed with."""

import json
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.gateway.store.tables import access_log


async def rows(connection: AsyncConnection) -> list[dict[str, Any]]:
    """Return all rows, oldest first: the record's fields, and salt and leaf hash in hexadecimal.

    Of what was erased after its term there is left when and what kind of event it was.
    """
    found = await connection.execute(select(access_log).order_by(access_log.c.row_id))
    return [_fields(row) | {"salt": row.salt.hex(), "leaf_hash": row.leaf_hash.hex()} for row in found]


def _fields(row: Row[Any]) -> dict[str, Any]:
    if row.record:
        return dict(json.loads(row.record))
    return {"event_id": row.event_id, "at": row.at.isoformat(), "kind": row.kind, "erased": True}
