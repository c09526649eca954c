"""Series packs, and what the scrub saw."""

import sqlalchemy as sa
from alembic import op

from beeldpas.database.instant import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables; which copies were passed over was noted for single files only until now."""
    op.create_table(
        "passed_over",
        sa.Column("key", sa.String(1024), primary_key=True),
        sa.Column("sop_uid", sa.String(64), primary_key=True),
    )
    op.create_index("passed_over_sop", "passed_over", ["sop_uid"])
    op.execute(
        "INSERT INTO passed_over (key, sop_uid) "
        "SELECT key, sop_uid FROM seen_object WHERE outcome = 'skipped' AND sop_uid <> ''"
    )
    op.drop_column("seen_object", "sop_uid")
    op.create_table(
        "scrub_state",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("checked_to", sa.BigInteger, nullable=False),
        sa.Column("began_at", Instant, nullable=False),
    )
    op.create_table(
        "damaged",
        sa.Column("instance_id", _ROW_ID, primary_key=True),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("found_at", Instant, nullable=False),
    )
