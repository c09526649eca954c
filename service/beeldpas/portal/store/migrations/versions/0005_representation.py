"""What a share rests on: the text that was agreed to, and who agreed in the patient's stead."""

import sqlalchemy as sa
from alembic import op

from beeldpas.database.instant import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "share_consent",
        sa.Column("share_id", sa.String(32), sa.ForeignKey("share.share_id"), primary_key=True),
        sa.Column("text_name", sa.String(32), nullable=False),
        sa.Column("relation", sa.String(16), nullable=False),
        sa.Column("acting", sa.String(96)),
        sa.Column("erased_at", Instant),
    )
