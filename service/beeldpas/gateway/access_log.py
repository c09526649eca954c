"""The hospital's own access log, as its administrator reads it: every row, with the hashes it was sealed with."""

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.gateway.store.tables import access_log


async def rows(connection: AsyncConnection) -> list[dict[str, Any]]:
    """Return all rows, oldest first: the record's fields, and salt and leaf hash in hexadecimal."""
    found = await connection.execute(
        select(access_log.c.record, access_log.c.salt, access_log.c.leaf_hash).order_by(access_log.c.row_id)
    )
    return [json.loads(row.record) | {"salt": row.salt.hex(), "leaf_hash": row.leaf_hash.hex()} for row in found]
