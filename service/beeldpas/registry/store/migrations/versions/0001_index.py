"""The index as it begins: endpoints, studies, reports, used tokens and the append-only access log."""

import sqlalchemy as sa
from alembic import op

from beeldpas.database.append_only import forbid_changes
from beeldpas.database.instant import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _make_entries()
    op.create_table(
        "used_token",
        sa.Column("issuer", sa.String(300), primary_key=True),
        sa.Column("jti", sa.String(200), primary_key=True),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Index("used_token_expiry", "expires_at"),
    )
    op.create_table(
        "access_log",
        sa.Column("row_id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("event_id", sa.String(64), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("patient", sa.String(96)),
        sa.Column("share_id", sa.String(32)),
        sa.Column("record", sa.Text, nullable=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("event_id", name="access_log_event_id"),
        sa.Index("access_log_patient", "patient", "at"),
        sa.Index("access_log_share", "share_id", "at"),
        sqlite_autoincrement=True,
    )
    forbid_changes(op.get_bind(), "access_log")


def _make_entries() -> None:
    op.create_table(
        "endpoint",
        sa.Column("gateway_id", sa.String(64), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.Column("resource", sa.Text, nullable=False),
    )
    op.create_table(
        "imaging_study",
        sa.Column("gateway_id", sa.String(64), sa.ForeignKey("endpoint.gateway_id"), primary_key=True),
        sa.Column("study_uid", sa.String(64), primary_key=True),
        sa.Column("entry_id", sa.String(36), nullable=False, unique=True),
        sa.Column("pseudonym", sa.String(96), nullable=False),
        sa.Column("basis", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("started", sa.Date),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.Column("resource", sa.Text, nullable=False),
        sa.Index("imaging_study_person", "pseudonym", "started"),
    )
    op.create_table(
        "diagnostic_report",
        sa.Column("gateway_id", sa.String(64), sa.ForeignKey("endpoint.gateway_id"), primary_key=True),
        sa.Column("identifier", sa.String(300), primary_key=True),
        sa.Column("entry_id", sa.String(36), nullable=False, unique=True),
        sa.Column("pseudonym", sa.String(96), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.Column("resource", sa.Text, nullable=False),
        sa.Index("diagnostic_report_person", "pseudonym"),
    )
