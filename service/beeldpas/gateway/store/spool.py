"""What the hospital's own audit repository must still be sent: which event of the log, and which study of it.

The message itself is written from the log when it is sent, so a row here is small and holds nothing of anybody.
"""

from sqlalchemy import Column, String, Table

from beeldpas.database.instant import Instant
from beeldpas.gateway.store.tables import RowId, metadata

audit_spool = Table(
    "audit_spool",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("event_id", String(64), nullable=False),
    Column("study_uid", String(64), nullable=False),
    Column("made_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)
