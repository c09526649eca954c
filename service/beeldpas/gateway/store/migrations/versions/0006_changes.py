"""What was rejected, amended or moved, who got what, and since when a receiver knows it."""

import sqlalchemy as sa
from alembic import op

from beeldpas.database.instant import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; whose each study is now is remembered from here on."""
    _notes()
    _changes()
    _deliveries()
    op.execute("INSERT INTO study_owner (study_uid, bsn) SELECT uid, bsn FROM study WHERE bsn <> ''")
    # Notes that were indexed as images until now are looked at again by the next ingest.
    op.execute(
        "DELETE FROM seen_object WHERE key IN (SELECT object_key FROM instance "
        "WHERE sop_class = '1.2.840.10008.5.1.4.1.1.88.59' AND gone IS NULL)"
    )
    op.add_column("lease", sa.Column("confirmed_generation", sa.BigInteger))
    op.add_column("lease", sa.Column("earlier_generation", sa.BigInteger))


def _notes() -> None:
    op.create_table(
        "rejection_note",
        sa.Column("sop_uid", sa.String(64), primary_key=True),
        sa.Column("object_key", sa.String(1024), nullable=False),
        sa.Column("study_uid", sa.String(64), nullable=False),
        sa.Column("issuer", sa.String(64), nullable=False),
        sa.Column("local_number", sa.String(64), nullable=False),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("born", sa.BigInteger, nullable=False),
    )
    op.create_index("rejection_note_study", "rejection_note", ["study_uid"])
    op.create_index("rejection_note_object", "rejection_note", ["object_key"])
    op.create_table(
        "rejection",
        sa.Column("note_uid", sa.String(64), sa.ForeignKey("rejection_note.sop_uid"), primary_key=True),
        sa.Column("sop_uid", sa.String(64), primary_key=True),
        sa.Column("study_uid", sa.String(64), nullable=False),
        sa.Column("standing", sa.String(16), nullable=False),
    )
    op.create_index("rejection_sop", "rejection", ["sop_uid"])
    op.create_table(
        "rejected_instance",
        sa.Column("sop_uid", sa.String(64), primary_key=True),
        sa.Column("study_uid", sa.String(64), nullable=False),
        sa.Column("code", sa.String(16), nullable=False),
    )
    op.create_index("rejected_instance_study", "rejected_instance", ["study_uid"])
    op.create_table(
        "amended_report",
        sa.Column("sop_uid", sa.String(64), primary_key=True),
        sa.Column("replaces", sa.String(64), primary_key=True),
        sa.Column("study_uid", sa.String(64), nullable=False),
    )
    op.create_index("amended_report_study", "amended_report", ["study_uid"])


def _changes() -> None:
    op.create_table(
        "study_owner",
        sa.Column("study_uid", sa.String(64), primary_key=True),
        sa.Column("bsn", sa.String(9), nullable=False),
    )
    op.create_table(
        "index_change",
        sa.Column("generation", sa.BigInteger, primary_key=True),
        sa.Column("study_uid", sa.String(64), primary_key=True),
        sa.Column("sop_uid", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("code", sa.String(16), nullable=False),
    )
    op.create_index("index_change_study", "index_change", ["study_uid", "generation"])


def _deliveries() -> None:
    op.create_table(
        "delivery",
        sa.Column("event_id", sa.String(36), primary_key=True),
        sa.Column("issuer", sa.String(256), nullable=False),
        sa.Column("grant_handle", sa.String(128), nullable=False),
        sa.Column("subject", sa.String(128), nullable=False),
        sa.Column("receiver_kind", sa.String(16), nullable=False),
        sa.Column("receiver_name", sa.String(256), nullable=False),
        sa.Column("organisation", sa.String(256), nullable=False),
        sa.Column("ura", sa.String(16)),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("to_the_end", sa.Boolean, nullable=False),
        sa.Column("generation", sa.BigInteger, nullable=False),
        sa.Column("at", Instant, nullable=False),
    )
    op.create_index("delivery_grant", "delivery", ["issuer", "grant_handle"])
    op.create_table(
        "delivery_study",
        sa.Column("event_id", sa.String(36), sa.ForeignKey("delivery.event_id"), primary_key=True),
        sa.Column("study_uid", sa.String(64), primary_key=True),
        sa.Column("instances", sa.Text, nullable=False),
    )
    op.create_index("delivery_study_uid", "delivery_study", ["study_uid"])
    op.create_table(
        "recall",
        sa.Column("event_id", sa.String(36), primary_key=True),
        sa.Column("delivery_id", sa.String(36), sa.ForeignKey("delivery.event_id"), nullable=False),
        sa.Column("study_uid", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("instances", sa.Text, nullable=False),
        sa.Column("generation", sa.BigInteger, nullable=False),
        sa.Column("at", Instant, nullable=False),
    )
    once = ["delivery_id", "study_uid", "reason", "code", "generation"]
    op.create_index("recall_once", "recall", once, unique=True)
    op.create_table(
        "recall_state",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("generation", sa.BigInteger, nullable=False),
    )
