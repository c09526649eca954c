"""The registry's tables. An entry belongs to the hospital that published it: two may hold the same study.

A resource is kept as it was published, without its subject; `pseudonym` stands for the person. `entry_id` is what
FHIR calls the logical id: random, so that an address tells nothing.

`entry_place` says which entry a hospital's identifier is, at which version, and under whose name it stands; the
entries themselves lie by person. On PostgreSQL these are cut into partitions by a hash of the name: what is asked for
together lies together, and a partition can go to a machine of its own. Of an entry that was taken out, its place is
left, with nobody's name. `entry_history` has what entries said before, and no names at all.

`study_instances` has the instances of each version of a study that is `listed`, packed: they are the largest part of
what is told of it, and no history reads them. It has no names either.
"""

from datetime import date
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from beeldpas.audit.log import access_log_table
from beeldpas.audit.name_keys import name_key_table
from beeldpas.audit.tree_tables import tree_tables
from beeldpas.database.instant import Instant

METADATA = MetaData()
PSEUDONYM_LENGTH = 96
UNDATED = date.min

endpoint = Table(
    "endpoint",
    METADATA,
    Column("gateway_id", String(64), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("resource", Text, nullable=False),
)

entry_place = Table(
    "entry_place",
    METADATA,
    Column("gateway_id", String(64), ForeignKey("endpoint.gateway_id"), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("key", String(300), primary_key=True),
    Column("entry_id", String(36), nullable=False, unique=True),
    Column("pseudonym", String(PSEUDONYM_LENGTH)),
    Column("status", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("digest", LargeBinary, nullable=False),
)


def _entry_columns() -> list[Column[Any]]:
    return [
        Column("pseudonym", String(PSEUDONYM_LENGTH), nullable=False),
        Column("entry_id", String(36), nullable=False),
        Column("gateway_id", String(64), nullable=False),
        Column("key", String(300), nullable=False),
        Column("status", String(16), nullable=False),
        Column("from_providers", Boolean, nullable=False),
        Column("from_representatives", Boolean, nullable=False),
        Column("version", Integer, nullable=False),
        Column("updated_at", Instant, nullable=False),
        Column("resource", Text, nullable=False),
    ]


# `started` of a study without a day is UNDATED, so that it can stand in a key and sorts last.
imaging_study = Table(
    "imaging_study",
    METADATA,
    *_entry_columns(),
    Column("basis", String(16), nullable=False),
    Column("started", Date, nullable=False),
    Column("listed", Boolean, nullable=False),
    PrimaryKeyConstraint("pseudonym", "started", "entry_id", name="imaging_study_by_person"),
    postgresql_partition_by="HASH (pseudonym)",
)

diagnostic_report = Table(
    "diagnostic_report",
    METADATA,
    *_entry_columns(),
    PrimaryKeyConstraint("pseudonym", "entry_id", name="diagnostic_report_by_person"),
    postgresql_partition_by="HASH (pseudonym)",
)

entry_history = Table(
    "entry_history",
    METADATA,
    Column("entry_id", String(36), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("updated_at", Instant, nullable=False),
    Column("resource", Text, nullable=False),
)

study_instances = Table(
    "study_instances",
    METADATA,
    Column("entry_id", String(36), nullable=False),
    Column("version", Integer, nullable=False),
    Column("packed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("entry_id", "version", name="study_instances_by_version"),
    postgresql_partition_by="HASH (entry_id)",
)

# What a person keeps from care providers: a study, at whatever hospital it lies.
restriction = Table(
    "restriction",
    METADATA,
    Column("pseudonym", String(PSEUDONYM_LENGTH), primary_key=True),
    Column("study_uid", String(64), primary_key=True),
    Column("made_at", Instant, nullable=False),
)

used_token = Table(
    "used_token",
    METADATA,
    Column("issuer", String(300), primary_key=True),
    Column("jti", String(200), primary_key=True),
    Column("expires_at", Instant, nullable=False),
    Index("used_token_expiry", "expires_at"),
)

access_log = access_log_table(METADATA)
name_key = name_key_table(METADATA)
tree_tables(METADATA)
