"""What a program notes when it starts: whether its policies or keys are others than at its last start.

The last such event in its own log is what it compares with, so nothing is kept beside the log; the first start is
noted too. A fingerprint is SHA-256 over the files as they are: keys are random, and nobody finds them from it.
*Source:* NEN 7513 §6 (changes of authorisation are logged).
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from sqlalchemy import MetaData, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from beeldpas.audit.event import Actor, Event
from beeldpas.audit.events import Change
from beeldpas.audit.log import access_log_table, append
from beeldpas.database.engine import open_engine, transaction

Open = Callable[[str], AsyncEngine]
_TABLE = access_log_table(MetaData())


def fingerprint(files: Iterable[Path]) -> str:
    """Return one value for the content of all these files, in any order. Raises: OSError."""
    each = sorted(sha256(file.read_bytes()).digest() for file in files)
    return sha256(b"".join(each)).hexdigest()


async def note_start(
    database_url: str, source: str, now: datetime, found: Mapping[Change, Iterable[Path]], opened: Open = open_engine
) -> tuple[Change, ...]:
    """Write an event for each kind of file that is not what it was; return which.

    Raises: OSError; Unavailable("database"), and then the program must not start.
    """
    engine = opened(database_url)
    try:
        async with transaction(engine) as connection:
            noted = []
            for kind, files in found.items():
                before, after = await _last(connection, kind, source), fingerprint(files)
                if before != after:
                    await append(connection, _event(kind, source, now, before, after))
                    noted.append(kind)
            return tuple(noted)
    finally:
        await engine.dispose()


async def _last(connection: AsyncConnection, kind: Change, source: str) -> str:
    table = _TABLE.c
    wanted = select(table.record).where(table.kind == kind, table.source == source, table.record != "")
    text = (await connection.execute(wanted.order_by(table.row_id.desc()).limit(1))).scalar_one_or_none()
    return str(json.loads(text)["fingerprint"]) if text else ""


def _event(kind: Change, source: str, now: datetime, before: str, after: str) -> Event:
    return Event(
        event_id=str(uuid4()),
        at=now,
        kind=kind,
        outcome="done",
        actor=Actor(kind="program", subject=source),
        source=source,
        purpose="HOPERAT",
        details={"fingerprint": after, "before": before},
    )
