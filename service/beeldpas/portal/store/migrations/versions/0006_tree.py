"""The places of log rows in the tree, its checkpoints and who cosigned them."""

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
