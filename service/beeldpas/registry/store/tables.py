"""The registry's tables. An entry belongs to the hospital that published it: two may hold the same study.

A resource is kept as it was published, without its subject; `pseudonym` stands for the person. `entry_id` is what
FHIR calls the logical id: random, so that an address tells nothing.
"""

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, MetaData, String, Table, Text

from beeldpas.audit.log import access_log_table
from beeldpas.audit.name_keys import name_key_table
from beeldpas.audit.tree_tables import tree_tables
from beeldpas.database.instant import Instant

METADATA = MetaData()
PSEUDONYM_LENGTH = 96

endpoint = Table(
    "endpoint",
    METADATA,
    Column("gateway_id", String(64), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("resource", Text, nullable=False),
)

imaging_study = Table(
    "imaging_study",
    METADATA,
    Column("gateway_id", String(64), ForeignKey("endpoint.gateway_id"), primary_key=True),
    Column("study_uid", String(64), primary_key=True),
    Column("entry_id", String(36), nullable=False, unique=True),
    Column("pseudonym", String(PSEUDONYM_LENGTH), nullable=False),
    Column("basis", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("started", Date),
    Column("version", Integer, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("resource", Text, nullable=False),
    Index("imaging_study_person", "pseudonym", "started"),
)

diagnostic_report = Table(
    "diagnostic_report",
    METADATA,
    Column("gateway_id", String(64), ForeignKey("endpoint.gateway_id"), primary_key=True),
    Column("identifier", String(300), primary_key=True),
    Column("entry_id", String(36), nullable=False, unique=True),
    Column("pseudonym", String(PSEUDONYM_LENGTH), nullable=False),
    Column("status", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("resource", Text, nullable=False),
    Index("diagnostic_report_person", "pseudonym"),
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
