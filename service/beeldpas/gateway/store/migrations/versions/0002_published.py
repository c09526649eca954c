"""What was told to the registry."""

import sqlalchemy as sa
from alembic import op

from beeldpas.database.instant import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "published",
        sa.Column("study_uid", sa.String(64), primary_key=True),
        sa.Column("bsn", sa.String(9), nullable=False),
        sa.Column("reports", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("published_at", Instant, nullable=False),
    )
