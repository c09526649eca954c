"""The places of log rows in the tree, its checkpoints and who cosigned them."""

import sqlalchemy as sa
from alembic import op

from beeldpas.database.append_only import allow_erasure, forbid_changes
from beeldpas.database.instant import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_WAIT = (
    "CREATE TRIGGER access_log_waits AFTER INSERT ON access_log "
    "BEGIN INSERT INTO log_waiting (row_id) VALUES (NEW.row_id); END",
)
_WAIT_POSTGRESQL = (
    "CREATE FUNCTION access_log_waits() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN INSERT INTO log_waiting (row_id) SELECT row_id FROM added; RETURN NULL; END $$",
    "CREATE TRIGGER access_log_waits AFTER INSERT ON access_log REFERENCING NEW TABLE AS added "
    "FOR EACH STATEMENT EXECUTE FUNCTION access_log_waits()",
    "ALTER TABLE access_log ENABLE ALWAYS TRIGGER access_log_waits",
)


def upgrade() -> None:
    """Make the tables; rows of before wait for their place like new ones."""
    _make_tables()
    connection = op.get_bind()
    for table in ("log_place", "log_node", "log_checkpoint", "log_cosignature"):
        forbid_changes(connection, table)
    is_postgresql = connection.dialect.name == "postgresql"
    empty_bytes = "''::bytea" if is_postgresql else "x''"
    emptied = {"record": "''", "salt": empty_bytes, "patient": "NULL", "share_id": "NULL"}
    allow_erasure(connection, "access_log", emptied, ("row_id", "event_id", "at", "kind", "source", "leaf_hash"))
    for statement in _WAIT_POSTGRESQL if is_postgresql else _WAIT:
        op.execute(statement)
    op.execute("INSERT INTO log_waiting (row_id) SELECT row_id FROM access_log")
    op.execute(sa.text("INSERT INTO log_tree (id, size, frontier) VALUES (1, 0, :empty)").bindparams(empty=b""))


def _make_tables() -> None:
    op.create_table("log_waiting", sa.Column("row_id", sa.Integer, primary_key=True, autoincrement=False))
    op.create_table(
        "log_place",
        sa.Column("place", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("row_id", sa.Integer, nullable=False, unique=True),
        sa.Column("leaf_hash", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "log_node",
        sa.Column("height", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "log_tree",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("frontier", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "log_checkpoint",
        sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.create_table(
        "log_cosignature",
        sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("witness", sa.String(300), primary_key=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("line", sa.Text, nullable=False),
        sa.Index("log_cosignature_witness", "witness", "size"),
    )
