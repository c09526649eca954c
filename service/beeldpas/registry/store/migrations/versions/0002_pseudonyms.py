"""Which keys the names of people are made with."""

import sqlalchemy as sa
from alembic import op

from beeldpas.database.instant import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "name_key",
        sa.Column("key_name", sa.String(16), primary_key=True),
        sa.Column("seen_at", Instant, nullable=False),
        sa.Column("gone_at", Instant),
    )
