"""Whatever a gateway writes into its access log is also put on its way to the hospital's own audit repository.

Both in one transaction, whoever writes: the log calls this for the database that a gateway with a repository opens.
*Source:* DICOM PS3.15 §A.6; docs/decisions/0026-audit-exports.md.
"""

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from beeldpas.audit.event import Event, as_record
from beeldpas.audit.events import CATALOGUE, Reader
from beeldpas.audit.export_dicom import studies_of
from beeldpas.audit.log import ALSO
from beeldpas.gateway.store.spool import audit_spool


def spooling(engine: AsyncEngine) -> AsyncEngine:
    """Return the engine of a database in which what is added to the log is spooled, too."""
    return engine.execution_options(**{ALSO: _spool})


async def _spool(connection: AsyncConnection, event: Event) -> None:
    """Add one message for each study of the event. Raises: ValueError for a kind that a hospital may not read."""
    if not CATALOGUE[event.kind].readable[Reader.HOSPITAL]:
        raise ValueError("a gateway writes what its hospital may read")
    studies = studies_of(as_record(event))
    rows = [{"event_id": event.event_id, "study_uid": study, "made_at": event.at} for study in studies]
    await connection.execute(insert(audit_spool), rows)
