"""Suspended shares, call codes, and revocations that wait for a second person."""

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
