"""The rows of a log that are handed on: page by page, as one reader may see them, in the order of the log.

Each page is a transaction of its own, so that a long export does not stop the writing. Rows past their term, and
kinds of which this reader sees nothing, are not there.
"""

import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from sqlalchemy import MetaData, select
from sqlalchemy.ext.asyncio import AsyncEngine

from beeldpas.audit.events import Reader
from beeldpas.audit.export_fields import Record
from beeldpas.audit.log import access_log_table, visible
from beeldpas.database.engine import transaction

LONGEST_DAYS = 366
_AT_ONCE = 500
_TABLE = access_log_table(MetaData())


async def records(
    engine: AsyncEngine, reader: Reader, since: datetime, until: datetime, patient: str | None = None
) -> AsyncIterator[Record]:
    """Give what happened from `since` up to but not including `until`; about one patient when a name is given.

    Raises: Unavailable("database").
    """
    wanted: list[Any] = [_TABLE.c.at >= since, _TABLE.c.at < until, _TABLE.c.record != ""]
    if patient is not None:
        wanted.append(_TABLE.c.patient == patient)
    columns, last = select(_TABLE.c.row_id, _TABLE.c.record), 0
    while True:
        page = columns.where(*wanted, _TABLE.c.row_id > last).order_by(_TABLE.c.row_id).limit(_AT_ONCE)
        async with transaction(engine) as connection:
            rows = (await connection.execute(page)).all()
        for row in rows:
            if seen := visible(json.loads(row.record), reader):
                yield seen
        if len(rows) < _AT_ONCE:
            return
        last = rows[-1].row_id
