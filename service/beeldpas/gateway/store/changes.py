"""What a gateway remembers of changes: rejections, amended reports, moves, who got what, and who must be told.

That an instance came, was corrected or went stands in `instance` itself (born, gone); here is why. UIDs only.
*Source:* IHE RAD TF-2 §4.66 (rejection notes); docs/decisions/0017-changes.md.
"""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from beeldpas.database.instant import Instant
from beeldpas.gateway.store.tables import metadata

# A rejection note that lies in the store. It is no `instance`: nobody is given it.
rejection_note = Table(
    "rejection_note",
    metadata,
    Column("sop_uid", String(64), primary_key=True),
    Column("object_key", String(1024), nullable=False),
    Column("study_uid", String(64), nullable=False),
    Column("issuer", String(64), nullable=False),
    Column("local_number", String(64), nullable=False),
    Column("code", String(16), nullable=False),
    Column("sha256", LargeBinary(32), nullable=False),
    Column("born", BigInteger, nullable=False),
    Index("rejection_note_study", "study_uid"),
    Index("rejection_note_object", "object_key"),
)

# What a note names. `standing`: in_force, waiting (not held), foreign_study, foreign_patient or withdrawn.
rejection = Table(
    "rejection",
    metadata,
    Column("note_uid", String(64), ForeignKey("rejection_note.sop_uid"), primary_key=True),
    Column("sop_uid", String(64), primary_key=True),
    Column("study_uid", String(64), nullable=False),
    Column("standing", String(16), nullable=False),
    Index("rejection_sop", "sop_uid"),
)

# What is held back now because a note rejects it; `code` is the gravest.
rejected_instance = Table(
    "rejected_instance",
    metadata,
    Column("sop_uid", String(64), primary_key=True),
    Column("study_uid", String(64), nullable=False),
    Column("code", String(16), nullable=False),
    Index("rejected_instance_study", "study_uid"),
)

# Which report says that it takes the place of which; or, of two with one title in one series, the later one.
amended_report = Table(
    "amended_report",
    metadata,
    Column("sop_uid", String(64), primary_key=True),
    Column("replaces", String(64), primary_key=True),
    Column("study_uid", String(64), nullable=False),
    Index("amended_report_study", "study_uid"),
)

# Whose a study was when it was last to be seen.
study_owner = Table(
    "study_owner",
    metadata,
    Column("study_uid", String(64), primary_key=True),
    Column("bsn", String(9), nullable=False),
)

# Why something is no longer what it was: `kind` rejected (with the code of the note) or moved (the whole study).
index_change = Table(
    "index_change",
    metadata,
    Column("generation", BigInteger, primary_key=True),
    Column("study_uid", String(64), primary_key=True),
    Column("sop_uid", String(64), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("code", String(16), nullable=False),
    Index("index_change_study", "study_uid", "generation"),
)

# Every answer with images in it that reached somebody, whole or cut, and the generation of the index it came from.
delivery = Table(
    "delivery",
    metadata,
    Column("event_id", String(36), primary_key=True),
    Column("issuer", String(256), nullable=False),
    Column("grant_handle", String(128), nullable=False),
    Column("subject", String(128), nullable=False),
    Column("receiver_kind", String(16), nullable=False),
    Column("receiver_name", String(256), nullable=False),
    Column("organisation", String(256), nullable=False),
    Column("ura", String(16)),
    Column("kind", String(16), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("to_the_end", Boolean, nullable=False),
    Column("generation", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Index("delivery_grant", "issuer", "grant_handle"),
)

# `instances`: a JSON list of SOP UIDs; empty when it was the whole study.
delivery_study = Table(
    "delivery_study",
    metadata,
    Column("event_id", String(36), ForeignKey("delivery.event_id"), primary_key=True),
    Column("study_uid", String(64), primary_key=True),
    Column("instances", Text, nullable=False),
    Index("delivery_study_uid", "study_uid"),
)

# Who got something that was rejected, corrected, amended or moved afterwards: one row for each delivery and reason.
recall = Table(
    "recall",
    metadata,
    Column("event_id", String(36), primary_key=True),
    Column("delivery_id", String(36), ForeignKey("delivery.event_id"), nullable=False),
    Column("study_uid", String(64), nullable=False),
    Column("reason", String(16), nullable=False),
    Column("code", String(16), nullable=False),
    Column("instances", Text, nullable=False),
    Column("generation", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Index("recall_once", "delivery_id", "study_uid", "reason", "code", "generation", unique=True),
)

# Up to which generation the changes were compared with the deliveries. One row.
recall_state = Table(
    "recall_state",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("generation", BigInteger, nullable=False),
)
