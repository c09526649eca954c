"""The instances of studies, apart from the entries; of entries of before none are known.

Nothing is moved, and no row is written anew: PostgreSQL adds a column with a default to any number of rows at once.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PARTITIONS = 32


def upgrade() -> None:
    """Add the mark and the table."""
    op.add_column("imaging_study", sa.Column("listed", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_table(
        "study_instances",
        sa.Column("entry_id", sa.String(36), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("packed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "version", name="study_instances_by_version"),
        postgresql_partition_by="HASH (entry_id)",
    )
    if op.get_bind().dialect.name == "postgresql":
        for number in range(PARTITIONS):
            op.execute(
                f"CREATE TABLE study_instances_{number:02} PARTITION OF study_instances "
                f"FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {number})"
            )
