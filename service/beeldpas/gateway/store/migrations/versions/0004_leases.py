"""When the grant of a lease ends, and how many bytes went out under the lease."""

import sqlalchemy as sa
from alembic import op

from beeldpas.database.instant import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; a lease of before may finish within its own time."""
    op.add_column("lease", sa.Column("grant_ends_at", Instant))
    op.add_column("lease", sa.Column("sent_bytes", sa.BigInteger, nullable=False, server_default="0"))
