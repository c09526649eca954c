"""Where a patient wants to be told, and what waits to be sent."""

import sqlalchemy as sa
from alembic import op

from beeldpas.database.instant import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "mail_address",
        sa.Column("address_id", sa.String(32), primary_key=True),
        sa.Column("patient", sa.String(96), nullable=False, unique=True),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("verified_at", Instant),
        sa.Column("pending", sa.LargeBinary),
        sa.Column("pending_mark", sa.String(64)),
        sa.Column("pending_until", Instant),
    )
    op.create_table(
        "notice",
        sa.Column("notice_id", sa.String(32), primary_key=True),
        sa.Column("once", sa.String(96), nullable=False, unique=True),
        sa.Column(
            "address_id",
            sa.String(32),
            sa.ForeignKey("mail_address.address_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("share_id", sa.String(32)),
        sa.Column("reference", sa.String(16), nullable=False),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("due_at", Instant, nullable=False),
        sa.Column("lease_until", Instant),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("handed_at", Instant),
        sa.Column("ended_at", Instant),
        sa.Column("outcome", sa.String(16), nullable=False),
    )
    op.create_index("notice_due", "notice", ["outcome", "due_at"])
    op.create_index("notice_address", "notice", ["address_id", "made_at"])
    op.create_index("share_expires_at", "share", ["expires_at"])
