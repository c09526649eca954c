"""What the hospital's PACS has, and what is staged from it."""

import sqlalchemy as sa
from alembic import op

from beeldpas.database.instant import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _make_listing()
    _make_staging()


def _make_listing() -> None:
    op.create_table(
        "remote_study",
        sa.Column("uid", sa.String(64), primary_key=True),
        sa.Column("issuer", sa.String(64), nullable=False),
        sa.Column("local_number", sa.String(64), nullable=False),
        sa.Column("patient_name", sa.String(324), nullable=False),
        sa.Column("birth_date", sa.Date),
        sa.Column("sex", sa.String(16), nullable=False),
        sa.Column("study_date", sa.String(16), nullable=False),
        sa.Column("study_time", sa.String(32), nullable=False),
        sa.Column("description", sa.String(256), nullable=False),
        sa.Column("accession", sa.String(64), nullable=False),
        sa.Column("instances", sa.Integer),
        sa.Column("bsn", sa.String(9), nullable=False),
        sa.Column("withheld", sa.String(32), nullable=False),
        sa.Column("listed_at", Instant, nullable=False),
    )
    op.create_index("remote_study_number", "remote_study", ["issuer", "local_number"])
    op.create_table(
        "remote_series",
        sa.Column("study_uid", sa.String(64), sa.ForeignKey("remote_study.uid"), primary_key=True),
        sa.Column("uid", sa.String(64), primary_key=True),
        sa.Column("number", sa.BigInteger),
        sa.Column("modality", sa.String(16), nullable=False),
        sa.Column("description", sa.String(256), nullable=False),
        sa.Column("body_part", sa.String(64), nullable=False),
        sa.Column("laterality", sa.String(16), nullable=False),
        sa.Column("instances", sa.Integer),
    )
    op.create_table(
        "listed_patient",
        sa.Column("issuer", sa.String(64), primary_key=True),
        sa.Column("local_number", sa.String(64), primary_key=True),
        sa.Column("listed_at", Instant, nullable=False),
    )
    op.create_table(
        "listed_days",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("last_day", sa.Date, nullable=False),
    )


def _make_staging() -> None:
    op.create_table(
        "staged_study",
        sa.Column("uid", sa.String(64), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("announced", sa.Integer),
        sa.Column("fetched", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", Instant, nullable=False),
        sa.Column("whole_at", Instant),
    )
    op.create_index("staged_study_due", "staged_study", ["state", "next_at"])
    op.create_table(
        "staged_object",
        sa.Column("key", sa.String(1024), primary_key=True),
        sa.Column("study_uid", sa.String(64), sa.ForeignKey("staged_study.uid"), nullable=False),
    )
    op.create_index("staged_object_study", "staged_object", ["study_uid"])
    op.create_table(
        "hold",
        sa.Column("issuer", sa.String(256), primary_key=True),
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("study_uid", sa.String(64), primary_key=True),
        sa.Column("until", Instant, nullable=False),
    )
    op.create_index("hold_study", "hold", ["study_uid"])
    op.create_table(
        "waiting_lease",
        sa.Column("lease_id", sa.String(32), primary_key=True),
        sa.Column("ends_at", Instant, nullable=False),
    )
    op.create_table(
        "pacs_use",
        sa.Column("issuer", sa.String(64), primary_key=True),
        sa.Column("local_number", sa.String(64), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("bytes", sa.BigInteger, nullable=False),
    )
