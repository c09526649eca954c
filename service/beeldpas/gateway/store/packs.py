"""What ingest and scrub remember of objects beyond the index: copies that were passed over, and what was damaged."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table

from beeldpas.database.instant import Instant
from beeldpas.gateway.store.tables import RowId, metadata

# Instances of an object that are served from another one: when that one goes, this one is looked at again.
passed_over = Table(
    "passed_over",
    metadata,
    Column("key", String(1024), primary_key=True),
    Column("sop_uid", String(64), primary_key=True),
    Index("passed_over_sop", "sop_uid"),
)

# How far the round of the scrub has come; one row.
scrub_state = Table(
    "scrub_state",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("checked_to", BigInteger, nullable=False),
    Column("began_at", Instant, nullable=False),
)

# Instances whose stored bytes were not what the index says, when they were last read.
damaged = Table(
    "damaged",
    metadata,
    Column("instance_id", RowId, primary_key=True),
    Column("reason", String(64), nullable=False),
    Column("found_at", Instant, nullable=False),
)
