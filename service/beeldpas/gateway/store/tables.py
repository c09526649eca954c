"""The tables of a gateway.

An instance is never overwritten: it is *born* in one generation of the index and *gone* in another, so that a
download goes on reading the selection that it began with while new images arrive.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    false,
    text,
    true,
)

from beeldpas.audit.log import access_log_table
from beeldpas.audit.tree_tables import tree_tables
from beeldpas.database.instant import Instant

metadata = MetaData()
access_log = access_log_table(metadata)
tree_tables(metadata)
# 64 bits, and still the row id that SQLite counts by itself.
RowId = BigInteger().with_variant(Integer, "sqlite")

# Whose local number is whose, by the hospital's own master data. `bsn` is empty while two patients claim the number.
crosswalk = Table(
    "crosswalk",
    metadata,
    Column("issuer", String(64), primary_key=True),
    Column("local_number", String(64), primary_key=True),
    Column("bsn", String(9), nullable=False),
    Column("birth_date", Date),
    Column("name", String(324), nullable=False),
    Column("sex", String(1), nullable=False),
    Column("merged_into", String(64), nullable=False),
    Column("disputed", Boolean, nullable=False),
)

# One row, counted up by every change of the index.
index_state = Table(
    "index_state",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("generation", BigInteger, nullable=False),
)

# Every object that ingest has looked at; `version` tells whether it is still the same one.
seen_object = Table(
    "seen_object",
    metadata,
    Column("key", String(1024), primary_key=True),
    Column("version", String(128), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("reason", String(64), nullable=False),
)

# Whose it is, is what its first living file says. `withheld` is why the study is in quarantine; empty when it may
# be published and served.
study = Table(
    "study",
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
    Column("bsn", String(9), nullable=False),
    Column("withheld", String(32), nullable=False),
    Index("study_bsn", "bsn"),
)

series = Table(
    "series",
    metadata,
    Column("study_uid", String(64), ForeignKey("study.uid"), primary_key=True),
    Column("uid", String(64), primary_key=True),
    Column("number", BigInteger),
    Column("modality", String(16), nullable=False),
    Column("description", String(256), nullable=False),
    Column("body_part", String(64), nullable=False),
    Column("laterality", String(16), nullable=False),
)

# `crc32` and `sha256` are of the bytes as served: the preamble zeroed unless `keeps_preamble`. The four records are
# those of a DICOMDIR, empty when `missing` names the attributes that the file lacks for them.
instance = Table(
    "instance",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("sop_uid", String(64), nullable=False),
    Column("sop_class", String(64), nullable=False),
    Column("study_uid", String(64), nullable=False),
    Column("series_uid", String(64), nullable=False),
    Column("issuer", String(64), nullable=False),
    Column("local_number", String(64), nullable=False),
    Column("patient_name", String(324), nullable=False),
    Column("birth_date", Date),
    Column("sex", String(16), nullable=False),
    Column("number", BigInteger),
    Column("transfer_syntax", String(64), nullable=False),
    Column("object_key", String(1024), nullable=False),
    Column("object_version", String(128), nullable=False),
    Column("start", BigInteger, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("crc32", BigInteger, nullable=False),
    Column("sha256", LargeBinary(32), nullable=False),
    Column("keeps_preamble", Boolean, nullable=False, server_default=false()),
    Column("patient_record", LargeBinary, nullable=False),
    Column("study_record", LargeBinary, nullable=False),
    Column("series_record", LargeBinary, nullable=False),
    Column("leaf_record", LargeBinary, nullable=False),
    Column("missing", String(512), nullable=False),
    Column("born", BigInteger, nullable=False),
    Column("gone", BigInteger),
    Index("instance_study", "study_uid", "gone"),
    Index("instance_sop", "sop_uid"),
    Index("instance_object", "object_key"),
    # One live version of an instance, whoever ingests at the same time.
    Index(
        "instance_live",
        "sop_uid",
        unique=True,
        sqlite_where=text("gone IS NULL"),
        postgresql_where=text("gone IS NULL"),
    ),
)

instance_metadata = Table(
    "instance_metadata",
    metadata,
    Column("instance_id", RowId, ForeignKey("instance.id"), primary_key=True),
    Column("model", Text, nullable=False),
)

# The readable form of a report: a stretch of its file (a PDF that stands there literally), or a body of its own.
report = Table(
    "report",
    metadata,
    Column("instance_id", RowId, ForeignKey("instance.id"), primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("title", String(256), nullable=False),
    Column("start", BigInteger),
    Column("body", LargeBinary),
    Column("length", BigInteger, nullable=False),
    Column("crc32", BigInteger, nullable=False),
    Column("sha256", LargeBinary(32), nullable=False),
)

# The right of one receiver to one running download; what it may see is fixed when it is made.
lease = Table(
    "lease",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("issuer", String(256), nullable=False),
    Column("status_uri", String(512), nullable=False),
    Column("status_index", BigInteger, nullable=False),
    Column("grant_handle", String(128), nullable=False),
    Column("basis", String(16), nullable=False),
    Column("purpose", String(16), nullable=False),
    Column("subject", String(128), nullable=False),
    Column("receiver_kind", String(16), nullable=False),
    Column("receiver_name", String(256), nullable=False),
    Column("organisation", String(256), nullable=False),
    Column("ura", String(16)),
    Column("studies", Text, nullable=False),
    Column("language", String(2), nullable=False),
    Column("generation", BigInteger, nullable=False),
    Column("key_id", String(64), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("grant_ends_at", Instant),
    Column("sent_bytes", BigInteger, nullable=False, server_default="0"),
    Column("confirmed_generation", BigInteger),
    Column("earlier_generation", BigInteger),
    Column("stands_in", Boolean, nullable=False, server_default=true()),
)

# Downloads under way, with how far they are; a row that is found at start belongs to a program that was killed.
running = Table(
    "running",
    metadata,
    Column("event_id", String(36), primary_key=True),
    Column("event", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
)

# What the issuer must still be told; gone once it has it.
outbox = Table(
    "outbox",
    metadata,
    Column("event_id", String(36), primary_key=True),
    Column("issuer", String(256), nullable=False),
    Column("event", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant, nullable=False),
    Index("outbox_next", "next_at"),
)

# Questions that were answered, until they expire: a question is good for one answer.
spent_question = Table(
    "spent_question",
    metadata,
    Column("jti", String(256), primary_key=True),
    Column("expires_at", Instant, nullable=False),
)

# The largest checkpoint of each issuer's log that was cosigned here. `alarm` is why none is cosigned any more, with
# the checkpoint that gave rise to it; empty while all is well.
witnessed = Table(
    "witnessed",
    metadata,
    Column("origin", String(300), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("alarm", String(32), nullable=False),
    Column("alarm_note", Text, nullable=False),
)
