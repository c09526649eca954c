"""The tables beside the access log that make a tree of it.

A new row of the log waits in `log_waiting` (a trigger puts it there, in the same transaction) until the sequencer
gives it its place. `log_tree` is one row, the lock under which that happens: how far the tree is, and its right edge.
`log_node` keeps each whole subtree of 256, 256², … leaves, so that a proof reads some hundreds of hashes at most.
What was said to others stays: checkpoints, and the witnesses' word below them.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text

from beeldpas.database.instant import Instant

# A subtree is kept at every eighth height. *Source:* C2SP tlog-tiles (tiles are eight high).
TILE_HEIGHT = 8


def tree_tables(metadata: MetaData) -> dict[str, Table]:
    """Describe the tables, by name."""
    tables = (
        Table("log_waiting", metadata, Column("row_id", Integer, primary_key=True, autoincrement=False)),
        Table(
            "log_place",
            metadata,
            Column("place", BigInteger, primary_key=True, autoincrement=False),
            Column("row_id", Integer, nullable=False, unique=True),
            Column("leaf_hash", LargeBinary, nullable=False),
        ),
        Table(
            "log_node",
            metadata,
            Column("height", Integer, primary_key=True, autoincrement=False),
            Column("position", BigInteger, primary_key=True, autoincrement=False),
            Column("hash", LargeBinary, nullable=False),
        ),
        Table(
            "log_tree",
            metadata,
            Column("id", Integer, primary_key=True, autoincrement=False),
            Column("size", BigInteger, nullable=False),
            Column("frontier", LargeBinary, nullable=False),
        ),
        Table(
            "log_checkpoint",
            metadata,
            Column("size", BigInteger, primary_key=True, autoincrement=False),
            Column("at", Instant, nullable=False),
            Column("note", Text, nullable=False),
        ),
        Table(
            "log_cosignature",
            metadata,
            Column("size", BigInteger, primary_key=True, autoincrement=False),
            Column("witness", String(300), primary_key=True),
            Column("at", Instant, nullable=False),
            Column("line", Text, nullable=False),
            Index("log_cosignature_witness", "witness", "size"),
        ),
    )
    return {table.name: table for table in tables}


_TABLES = tree_tables(MetaData())
log_waiting, log_place, log_node = _TABLES["log_waiting"], _TABLES["log_place"], _TABLES["log_node"]
log_tree, log_checkpoint, log_cosignature = (
    _TABLES["log_tree"],
    _TABLES["log_checkpoint"],
    _TABLES["log_cosignature"],
)
