"""Suspended shares, call codes, and revocations that wait for a second person."""

import sqlalchemy as sa
from alembic import op

from beeldpas.database.instant import Instant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; shares of before are not suspended and had no attempts added."""
    op.add_column("share", sa.Column("suspended_at", Instant))
    op.add_column("share", sa.Column("suspended_why", sa.String(32)))
    op.add_column("share", sa.Column("extra_attempts", sa.Integer, nullable=False, server_default=sa.text("0")))
    op.add_column("issued_grant", sa.Column("suspended_at", Instant))
    op.create_index(
        "issued_grant_suspended",
        "issued_grant",
        ["gateway_id"],
        sqlite_where=sa.text("suspended_at IS NOT NULL"),
        postgresql_where=sa.text("suspended_at IS NOT NULL"),
    )
    op.create_table(
        "call_code",
        sa.Column("fingerprint", sa.String(96), primary_key=True),
        sa.Column("patient", sa.String(96), nullable=False, unique=True),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("taken_by", sa.String(256)),
        sa.Column("taken_at", Instant),
    )
    op.create_table(
        "helpdesk_lookup",
        sa.Column("agent", sa.String(256), primary_key=True),
        sa.Column("since", Instant, nullable=False),
        sa.Column("looked", sa.Integer, nullable=False),
    )
    op.create_table(
        "bulk_revocation",
        sa.Column("number", sa.String(8), primary_key=True),
        sa.Column("target_kind", sa.String(16), nullable=False),
        sa.Column("target", sa.String(160), nullable=False),
        sa.Column("incident", sa.String(32), nullable=False),
        sa.Column("why", sa.String(32), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("proposed_by", sa.String(256), nullable=False),
        sa.Column("proposer", sa.Text, nullable=False),
        sa.Column("proposed_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("confirmed_at", Instant),
    )
