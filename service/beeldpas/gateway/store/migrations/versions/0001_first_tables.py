"""first tables"""

import sqlalchemy as sa
from alembic import op

from beeldpas.database.append_only import forbid_changes
from beeldpas.database.instant import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_log",
        sa.Column("row_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("patient", sa.String(length=96), nullable=True),
        sa.Column("share_id", sa.String(length=32), nullable=True),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("row_id"),
        sa.UniqueConstraint("event_id", name="access_log_event_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("access_log_patient", "access_log", ["patient", "at"], unique=False)
    op.create_index("access_log_share", "access_log", ["share_id", "at"], unique=False)
    op.create_table(
        "crosswalk",
        sa.Column("issuer", sa.String(length=64), nullable=False),
        sa.Column("local_number", sa.String(length=64), nullable=False),
        sa.Column("bsn", sa.String(length=9), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("name", sa.String(length=324), nullable=False),
        sa.Column("sex", sa.String(length=1), nullable=False),
        sa.Column("merged_into", sa.String(length=64), nullable=False),
        sa.Column("disputed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "local_number"),
    )
    op.create_table(
        "index_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "instance",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("sop_uid", sa.String(length=64), nullable=False),
        sa.Column("sop_class", sa.String(length=64), nullable=False),
        sa.Column("study_uid", sa.String(length=64), nullable=False),
        sa.Column("series_uid", sa.String(length=64), nullable=False),
        sa.Column("issuer", sa.String(length=64), nullable=False),
        sa.Column("local_number", sa.String(length=64), nullable=False),
        sa.Column("patient_name", sa.String(length=324), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("sex", sa.String(length=16), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("transfer_syntax", sa.String(length=64), nullable=False),
        sa.Column("object_key", sa.String(length=1024), nullable=False),
        sa.Column("object_version", sa.String(length=128), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("crc32", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("patient_record", sa.LargeBinary(), nullable=False),
        sa.Column("study_record", sa.LargeBinary(), nullable=False),
        sa.Column("series_record", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_record", sa.LargeBinary(), nullable=False),
        sa.Column("missing", sa.String(length=512), nullable=False),
        sa.Column("born", sa.BigInteger(), nullable=False),
        sa.Column("gone", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "instance_live",
        "instance",
        ["sop_uid"],
        unique=True,
        sqlite_where=sa.text("gone IS NULL"),
        postgresql_where=sa.text("gone IS NULL"),
    )
    op.create_index("instance_object", "instance", ["object_key"], unique=False)
    op.create_index("instance_sop", "instance", ["sop_uid"], unique=False)
    op.create_index("instance_study", "instance", ["study_uid", "gone"], unique=False)
    op.create_table(
        "lease",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("issuer", sa.String(length=256), nullable=False),
        sa.Column("status_uri", sa.String(length=512), nullable=False),
        sa.Column("status_index", sa.BigInteger(), nullable=False),
        sa.Column("grant_handle", sa.String(length=128), nullable=False),
        sa.Column("basis", sa.String(length=16), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=128), nullable=False),
        sa.Column("receiver_kind", sa.String(length=16), nullable=False),
        sa.Column("receiver_name", sa.String(length=256), nullable=False),
        sa.Column("organisation", sa.String(length=256), nullable=False),
        sa.Column("ura", sa.String(length=16), nullable=True),
        sa.Column("studies", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "outbox",
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("issuer", sa.String(length=256), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_index("outbox_next", "outbox", ["next_at"], unique=False)
    op.create_table(
        "running",
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_table(
        "seen_object",
        sa.Column("key", sa.String(length=1024), nullable=False),
        sa.Column("version", sa.String(length=128), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("sop_uid", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "spent_question",
        sa.Column("jti", sa.String(length=256), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("jti"),
    )
    op.create_table(
        "study",
        sa.Column("uid", sa.String(length=64), nullable=False),
        sa.Column("issuer", sa.String(length=64), nullable=False),
        sa.Column("local_number", sa.String(length=64), nullable=False),
        sa.Column("patient_name", sa.String(length=324), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("sex", sa.String(length=16), nullable=False),
        sa.Column("study_date", sa.String(length=16), nullable=False),
        sa.Column("study_time", sa.String(length=32), nullable=False),
        sa.Column("description", sa.String(length=256), nullable=False),
        sa.Column("accession", sa.String(length=64), nullable=False),
        sa.Column("bsn", sa.String(length=9), nullable=False),
        sa.Column("withheld", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("uid"),
    )
    op.create_index("study_bsn", "study", ["bsn"], unique=False)
    op.create_table(
        "instance_metadata",
        sa.Column("instance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["instance.id"],
        ),
        sa.PrimaryKeyConstraint("instance_id"),
    )
    op.create_table(
        "report",
        sa.Column("instance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("title", sa.String(length=256), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("crc32", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["instance.id"],
        ),
        sa.PrimaryKeyConstraint("instance_id"),
    )
    op.create_table(
        "series",
        sa.Column("study_uid", sa.String(length=64), nullable=False),
        sa.Column("uid", sa.String(length=64), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("modality", sa.String(length=16), nullable=False),
        sa.Column("description", sa.String(length=256), nullable=False),
        sa.Column("body_part", sa.String(length=64), nullable=False),
        sa.Column("laterality", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["study_uid"],
            ["study.uid"],
        ),
        sa.PrimaryKeyConstraint("study_uid", "uid"),
    )
    forbid_changes(op.get_bind(), "access_log")
