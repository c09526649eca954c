"""What the hospital keeps back by rules of its own, and whether a lease is one of somebody who stands in."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; a lease of before counts as one of a representative, since nobody said that it is not."""
    op.create_table(
        "release_rule",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("study_uid", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("until", sa.Date),
        sa.Column("born", sa.BigInteger, nullable=False),
        sa.Column("gone", sa.BigInteger),
    )
    op.create_index("release_rule_study", "release_rule", ["study_uid", "gone"])
    op.add_column("lease", sa.Column("stands_in", sa.Boolean, nullable=False, server_default=sa.true()))
