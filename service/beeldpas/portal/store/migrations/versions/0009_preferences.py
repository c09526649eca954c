"""What people set for their pages, and shares that wait for somebody who was signed out half-way."""

import sqlalchemy as sa
from alembic import op

from beeldpas.database.instant import Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; nobody has set anything yet."""
    op.create_table(
        "preference",
        sa.Column("patient", sa.String(96), primary_key=True),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("text_size", sa.String(8), nullable=False),
        sa.Column("reports_on_request", sa.Boolean, nullable=False),
        sa.Column("thumbnails", sa.Boolean, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
    )
    op.create_table(
        "share_draft",
        sa.Column("patient", sa.String(96), primary_key=True),
        sa.Column("draft_id", sa.String(32), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
    )
    op.create_index("share_draft_expires_at", "share_draft", ["expires_at"])
