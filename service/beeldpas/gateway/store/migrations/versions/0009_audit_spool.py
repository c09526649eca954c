"""What waits to be sent to the hospital's own audit repository."""

import sqlalchemy as sa
from alembic import op

from beeldpas.database.instant import Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; what the log held before is not sent."""
    op.create_table(
        "audit_spool",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("event_id", sa.String(64), nullable=False),
        sa.Column("study_uid", sa.String(64), nullable=False),
        sa.Column("made_at", Instant, nullable=False),
        sqlite_autoincrement=True,
    )
