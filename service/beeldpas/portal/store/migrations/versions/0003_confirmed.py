"""Which generation of a hospital's index the patient confirmed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; grants of before confirm nothing."""
    op.create_table(
        "share_confirmed",
        sa.Column("share_id", sa.String(32), sa.ForeignKey("share.share_id"), primary_key=True),
        sa.Column("gateway_id", sa.String(64), primary_key=True),
        sa.Column("generation", sa.BigInteger, nullable=False),
    )
    op.add_column("issued_grant", sa.Column("confirmed", sa.BigInteger))
