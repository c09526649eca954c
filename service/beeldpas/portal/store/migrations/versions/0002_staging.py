"""Which hospitals must still be told to stage what."""

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
        "staging",
        sa.Column("hold", sa.String(32), primary_key=True),
        sa.Column("gateway_id", sa.String(64), nullable=False),
        sa.Column("basis", sa.String(16), nullable=False),
        sa.Column("basis_id", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(96), nullable=False),
        sa.Column("studies", sa.JSON, nullable=False),
        sa.Column("until", Instant, nullable=False),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", Instant),
        sa.Column("told", sa.JSON, nullable=False),
    )
    op.create_index("staging_basis", "staging", ["basis", "basis_id"])
    op.create_index("staging_next", "staging", ["next_at"])
