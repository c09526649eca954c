"""Entries by person: cut into partitions on PostgreSQL, with a table of places, one of earlier versions, and one of
what people keep from care providers.

What is there is moved over; what an entry said before is not known of entries of before. On a registry of a hundred
thousand entries this takes seconds; `docs/operations/scale.md` says what to do with more.
"""

from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op

from beeldpas.database.instant import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

PARTITIONS = 32
_AT_ONCE = 1000
_KINDS = {"imaging_study": ("ImagingStudy", "study_uid"), "diagnostic_report": ("DiagnosticReport", "identifier")}


def upgrade() -> None:
    """Make the new tables, move the entries, drop the old tables."""
    for table, index in (
        ("imaging_study", "imaging_study_person"),
        ("diagnostic_report", "diagnostic_report_person"),
    ):
        op.drop_index(index, table)
        op.rename_table(table, f"{table}_before")
    _make_entries()
    _make_beside()
    for table in _KINDS:
        _move(table)
        op.drop_table(f"{table}_before")


def _make_entries() -> None:
    _partitioned(
        "imaging_study",
        sa.Column("basis", sa.String(16), nullable=False),
        sa.Column("started", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("pseudonym", "started", "entry_id", name="imaging_study_by_person"),
    )
    _partitioned(
        "diagnostic_report", sa.PrimaryKeyConstraint("pseudonym", "entry_id", name="diagnostic_report_by_person")
    )


def _partitioned(name: str, *more: Any) -> None:
    op.create_table(
        name,
        sa.Column("pseudonym", sa.String(96), nullable=False),
        sa.Column("entry_id", sa.String(36), nullable=False),
        sa.Column("gateway_id", sa.String(64), nullable=False),
        sa.Column("key", sa.String(300), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("from_providers", sa.Boolean, nullable=False),
        sa.Column("from_representatives", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.Column("resource", sa.Text, nullable=False),
        *more,
        postgresql_partition_by="HASH (pseudonym)",
    )
    if op.get_bind().dialect.name == "postgresql":
        for number in range(PARTITIONS):
            op.execute(
                f"CREATE TABLE {name}_{number:02} PARTITION OF {name} "
                f"FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {number})"
            )


def _make_beside() -> None:
    op.create_table(
        "entry_place",
        sa.Column("gateway_id", sa.String(64), sa.ForeignKey("endpoint.gateway_id"), primary_key=True),
        sa.Column("kind", sa.String(20), primary_key=True),
        sa.Column("key", sa.String(300), primary_key=True),
        sa.Column("entry_id", sa.String(36), nullable=False, unique=True),
        sa.Column("pseudonym", sa.String(96)),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "entry_history",
        sa.Column("entry_id", sa.String(36), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.Column("resource", sa.Text, nullable=False),
    )
    op.create_table(
        "restriction",
        sa.Column("pseudonym", sa.String(96), primary_key=True),
        sa.Column("study_uid", sa.String(64), primary_key=True),
        sa.Column("made_at", Instant, nullable=False),
    )


def _move(name: str) -> None:
    kind, key = _KINDS[name]
    connection = op.get_bind()
    more = "basis, coalesce(started, '0001-01-01')" if name == "imaging_study" else ""
    into = "basis, started" if more else ""
    columns = (
        "pseudonym, entry_id, gateway_id, key, status, from_providers, from_representatives, version, updated_at"
    )
    old = f"pseudonym, entry_id, gateway_id, {key}, status, false, false, version, updated_at"
    connection.execute(
        sa.text(
            f"INSERT INTO {name} ({columns}, resource{into and ', ' + into}) "  # noqa: S608  (names of this file)
            f"SELECT {old}, resource{more and ', ' + more} FROM {name}_before"
        )
    )
    before = sa.table(
        f"{name}_before",
        *(sa.column(one) for one in ("gateway_id", key, "entry_id", "pseudonym", "status", "version", "resource")),
        sa.column("updated_at", Instant),
    )
    place = sa.table(
        "entry_place",
        *(sa.column(one) for one in ("gateway_id", "kind", "key", "entry_id", "pseudonym", "status", "version")),
        sa.column("updated_at", Instant),
        sa.column("digest", sa.LargeBinary),
    )
    for rows in connection.execute(sa.select(before)).partitions(_AT_ONCE):
        connection.execute(sa.insert(place), [_place(dict(row._mapping), kind, key) for row in rows])


def _place(row: dict[str, Any], kind: str, key: str) -> dict[str, Any]:
    digest = sha256(row.pop("resource").encode()).digest()
    own = row.pop(key)
    return {**row, "kind": kind, "key": own, "digest": digest}
