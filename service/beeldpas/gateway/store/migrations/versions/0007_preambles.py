"""Which instances are served with their preamble, since they are TIFF files as well."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; until now nothing kept it."""
    op.add_column("instance", sa.Column("keeps_preamble", sa.Boolean, nullable=False, server_default=sa.false()))
