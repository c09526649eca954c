"""Studies whose hospital contradicts others about whose they are."""

import sqlalchemy as sa
from alembic import op

from beeldpas.database.instant import Instant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "identity_incident",
        sa.Column("study_uid", sa.String(64), primary_key=True),
        sa.Column("gateway_id", sa.String(64), primary_key=True),
        sa.Column("attribute", sa.String(16), primary_key=True),
        sa.Column("against", sa.Text, nullable=False),
        sa.Column("is_outvoted", sa.Boolean, nullable=False),
        sa.Column("seen_at", Instant, nullable=False),
        sa.Column("told_at", Instant),
    )
