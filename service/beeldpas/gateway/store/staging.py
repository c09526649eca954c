"""What the hospital's PACS has, who wants it kept here, and how far fetching it is."""

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Integer, String, Table

from beeldpas.database.instant import Instant
from beeldpas.gateway.store.tables import metadata

# A study as the PACS lists it; `withheld` and `bsn` as in `study`.
remote_study = Table(
    "remote_study",
    metadata,
    Column("uid", String(64), primary_key=True),
    Column("issuer", String(64), nullable=False),
    Column("local_number", String(64), nullable=False),
    Column("patient_name", String(324), nullable=False),
    Column("birth_date", Date),
    Column("sex", String(16), nullable=False),
    Column("study_date", String(16), nullable=False),
    Column("study_time", String(32), nullable=False),
    Column("description", String(256), nullable=False),
    Column("accession", String(64), nullable=False),
    Column("instances", Integer),
    Column("bsn", String(9), nullable=False),
    Column("withheld", String(32), nullable=False),
    Column("listed_at", Instant, nullable=False),
    Index("remote_study_number", "issuer", "local_number"),
)

remote_series = Table(
    "remote_series",
    metadata,
    Column("study_uid", String(64), ForeignKey("remote_study.uid"), primary_key=True),
    Column("uid", String(64), primary_key=True),
    Column("number", BigInteger),
    Column("modality", String(16), nullable=False),
    Column("description", String(256), nullable=False),
    Column("body_part", String(64), nullable=False),
    Column("laterality", String(16), nullable=False),
    Column("instances", Integer),
)

# Whose studies were listed in full; the others still have to be.
listed_patient = Table(
    "listed_patient",
    metadata,
    Column("issuer", String(64), primary_key=True),
    Column("local_number", String(64), primary_key=True),
    Column("listed_at", Instant, nullable=False),
)

# Up to which day new studies were listed. One row.
listed_days = Table(
    "listed_days",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("last_day", Date, nullable=False),
)

# A study that is, was or will be fetched: queued, fetching, held, failed or removing. `whole_at`: since when it can
# be served; what a fetch under way has brought so far cannot.
staged_study = Table(
    "staged_study",
    metadata,
    Column("uid", String(64), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("announced", Integer),
    Column("fetched", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("whole_at", Instant),
    Index("staged_study_due", "state", "next_at"),
)

# The objects that were written for a study that was fetched; nothing else is ever removed.
staged_object = Table(
    "staged_object",
    metadata,
    Column("key", String(1024), primary_key=True),
    Column("study_uid", String(64), ForeignKey("staged_study.uid"), nullable=False),
    Index("staged_object_study", "study_uid"),
)

# Who wants a study kept here, and until when.
hold = Table(
    "hold",
    metadata,
    Column("issuer", String(256), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("study_uid", String(64), primary_key=True),
    Column("until", Instant, nullable=False),
    Index("hold_study", "study_uid"),
)

# Leases that were made before everything was here: they take their generation of the index when it is.
waiting_lease = Table(
    "waiting_lease",
    metadata,
    Column("lease_id", String(32), primary_key=True),
    Column("ends_at", Instant, nullable=False),
)

# What was fetched of one patient on one day, in bytes.
pacs_use = Table(
    "pacs_use",
    metadata,
    Column("issuer", String(64), primary_key=True),
    Column("local_number", String(64), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("bytes", BigInteger, nullable=False),
)
