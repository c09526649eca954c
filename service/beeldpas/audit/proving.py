"""Making the proof that one event is in a log, below the checkpoint that most witnesses stand by."""

from sqlalchemy import MetaData, select
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.audit import tree_store
from beeldpas.audit.checkpoint import read_checkpoint
from beeldpas.audit.log import access_log_table
from beeldpas.audit.proof import Proof
from beeldpas.audit.tree_tables import log_place
from beeldpas.domain.errors import Conflict, NotFound

_LOG = access_log_table(MetaData())


async def prove_event(connection: AsyncConnection, event_id: str) -> Proof:
    """Return the proof of an event.

    Raises: NotFound("event_unknown"); Conflict("event_waits", "event_erased", "tree_broken").
    """
    joined = _LOG.outerjoin(log_place, log_place.c.row_id == _LOG.c.row_id)
    wanted = select(_LOG.c.record, _LOG.c.salt, log_place.c.place).select_from(joined)
    row = (await connection.execute(wanted.where(_LOG.c.event_id == event_id))).first()
    if row is None:
        raise NotFound("event_unknown")
    if not row.record:
        raise Conflict("event_erased")
    note = None if row.place is None else await tree_store.best_over(connection, row.place)
    if note is None:
        raise Conflict("event_waits")
    path = await tree_store.inclusion(connection, row.place, read_checkpoint(note.text).size)
    return Proof(row.record, row.salt, row.place, tuple(path), note)
