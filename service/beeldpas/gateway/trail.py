"""The one way in which a gateway writes into its access log: there, and for the hospital's own audit repository.

Both on the caller's transaction: what is in the log is also on its way to the repository, where there is one.
*Source:* DICOM PS3.15 §A.6; docs/decisions/0026-audit-exports.md.
"""

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.audit.event import Event, as_record
from beeldpas.audit.events import CATALOGUE, Reader
from beeldpas.audit.export_dicom import studies_of
from beeldpas.audit.log import append
from beeldpas.gateway.store.spool import audit_spool


async def write(connection: AsyncConnection, event: Event, *, to_repository: bool) -> bool:
    """Add the event, and one message for each of its studies; False when it was there already.

    Raises: ValueError for a kind that the catalogue does not have, or that a hospital may not read.
    """
    if not await append(connection, event):
        return False
    if not CATALOGUE[event.kind].readable[Reader.HOSPITAL]:
        raise ValueError("a gateway writes what its hospital may read")
    if to_repository:
        rows = [
            {"event_id": event.event_id, "study_uid": study, "made_at": event.at}
            for study in studies_of(as_record(event))
        ]
        await connection.execute(insert(audit_spool), rows)
    return True
