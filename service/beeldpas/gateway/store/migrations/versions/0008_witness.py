"""The places of log rows in the tree, and the checkpoints of others that were cosigned."""

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
