"""The portal's tables. Statements stand beside the functions that use them; this file only names columns.

No column holds a code, a PIN, a token or a BSN: fingerprints, slow hashes and pseudonyms stand in for them.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from beeldpas.audit.log import access_log_table
from beeldpas.audit.name_keys import name_key_table
from beeldpas.audit.tree_tables import tree_tables
from beeldpas.database.instant import Instant
from beeldpas.portal.store.desk_tables import desk_tables
from beeldpas.portal.store.visitor_tables import visitor_tables
from beeldpas.web.sessions import session_table

metadata = MetaData()
session = session_table(metadata)
access_log = access_log_table(metadata)
name_key = name_key_table(metadata)
tree_tables(metadata)

_ID, _NAME, _PERSON = String(32), String(64), String(96)

share = Table(
    "share",
    metadata,
    Column("share_id", _ID, primary_key=True),
    Column("reference", String(16), nullable=False, unique=True),
    Column("patient", _PERSON, nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("for_whom", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("language", String(2), nullable=False),
    Column("allow_self_declared", Boolean, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Column("code_fingerprint", _PERSON, nullable=False, unique=True),
    Column("pin_hash", Text, nullable=False),
    Column("attempts_spent", Integer, nullable=False),
    Column("organisation_key", String(256)),
    Column("organisation", Text),
    Column("suspended_at", Instant),
    Column("suspended_why", String(32)),
    Column("extra_attempts", Integer, nullable=False, server_default=text("0")),
    UniqueConstraint("patient", "request_id", name="share_request"),
    Index("share_expires_at", "expires_at"),
)

share_study = Table(
    "share_study",
    metadata,
    Column("share_id", _ID, ForeignKey("share.share_id"), primary_key=True),
    Column("gateway_id", _NAME, primary_key=True),
    Column("study_uid", _NAME, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("hospital", Text, nullable=False),
    Column("modalities", JSON, nullable=False),
    Column("body_part", Text, nullable=False),
    Column("laterality", Text, nullable=False),
    Column("started", Date),
    Column("description", Text, nullable=False),
    Column("instances", Integer),
    Column("reports", Integer, nullable=False),
)

# Which generation of a hospital's index the patient saw when confirming.
share_confirmed = Table(
    "share_confirmed",
    metadata,
    Column("share_id", _ID, ForeignKey("share.share_id"), primary_key=True),
    Column("gateway_id", _NAME, primary_key=True),
    Column("generation", BigInteger, nullable=False),
)

# Organisations after the first: each waits until the patient says yes or no.
share_organisation = Table(
    "share_organisation",
    metadata,
    Column("request_id", _ID, primary_key=True),
    Column("share_id", _ID, ForeignKey("share.share_id"), nullable=False),
    Column("organisation_key", String(256), nullable=False),
    Column("name", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("answer", String(16), nullable=False),  # waiting, allowed, refused
    UniqueConstraint("share_id", "organisation_key", name="share_organisation_once"),
)

# "grant" is a word of SQL.
issued_grant = Table(
    "issued_grant",
    metadata,
    Column("handle", _ID, primary_key=True),
    Column("gateway_id", _NAME, nullable=False),
    Column("basis", String(16), nullable=False),
    Column("issuer", Text, nullable=False),
    Column("share_id", _ID, ForeignKey("share.share_id")),
    Column("session", _NAME),
    Column("patient", _PERSON, nullable=False),
    Column("receiver_key", String(160), nullable=False),
    Column("receiver_kind", String(16), nullable=False),
    Column("receiver_name", Text, nullable=False),
    Column("receiver_organisation", Text, nullable=False),
    Column("receiver_ura", String(16)),
    Column("made_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("revoked_at", Instant),
    Column("status_index", Integer, nullable=False),
    Column("confirmed", BigInteger),
    Column("suspended_at", Instant),
    UniqueConstraint("gateway_id", "status_index", name="issued_grant_status_index"),
    Index(
        "issued_grant_once",
        "share_id",
        "gateway_id",
        "receiver_key",
        unique=True,
        sqlite_where=text("share_id IS NOT NULL"),
        postgresql_where=text("share_id IS NOT NULL"),
    ),
    Index("issued_grant_receiver", "receiver_key"),
    Index(
        "issued_grant_revoked",
        "gateway_id",
        sqlite_where=text("revoked_at IS NOT NULL"),
        postgresql_where=text("revoked_at IS NOT NULL"),
    ),
    Index(
        "issued_grant_suspended",
        "gateway_id",
        sqlite_where=text("suspended_at IS NOT NULL"),
        postgresql_where=text("suspended_at IS NOT NULL"),
    ),
)

grant_study = Table(
    "grant_study",
    metadata,
    Column("handle", _ID, ForeignKey("issued_grant.handle"), primary_key=True),
    Column("study_uid", _NAME, primary_key=True),
)

authorization_code = Table(
    "authorization_code",
    metadata,
    Column("code_hash", _NAME, primary_key=True),
    Column("handle", _ID, ForeignKey("issued_grant.handle"), nullable=False),
    Column("gateway_id", _NAME, nullable=False),
    Column("language", String(2), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)

# How often a hospital's status list has changed: who holds an older number must sign it anew.
status_list = Table(
    "status_list",
    metadata,
    Column("gateway_id", _NAME, primary_key=True),
    Column("version", Integer, nullable=False),
)

seen_jti = Table(
    "seen_jti",
    metadata,
    Column("issuer", String(256), primary_key=True),
    Column("jti", String(200), primary_key=True),
    Column("expires_at", Instant, nullable=False),
    Index("seen_jti_expires_at", "expires_at"),
)

# Where a patient wants to be told: `sealed` is the verified address, `pending` one that waits for its link.
mail_address = Table(
    "mail_address",
    metadata,
    Column("address_id", _ID, primary_key=True),
    Column("patient", _PERSON, nullable=False, unique=True),
    Column("language", String(2), nullable=False),
    Column("sealed", LargeBinary),
    Column("verified_at", Instant),
    Column("pending", LargeBinary),
    Column("pending_mark", String(64)),
    Column("pending_until", Instant),
)

# What waits to be told and what became of it (`outcome`: "", sent, failed, uncertain, dropped).
notice = Table(
    "notice",
    metadata,
    Column("notice_id", _ID, primary_key=True),
    Column("once", _PERSON, nullable=False, unique=True),
    Column("address_id", _ID, ForeignKey("mail_address.address_id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("share_id", _ID),
    Column("reference", String(16), nullable=False),
    Column("facts", JSON, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("attempts", Integer, nullable=False),
    Column("handed_at", Instant),
    Column("ended_at", Instant),
    Column("outcome", String(16), nullable=False),
    Index("notice_due", "outcome", "due_at"),
    Index("notice_address", "address_id", "made_at"),
)

call_code, helpdesk_lookup, bulk_revocation = desk_tables(metadata)
preference, share_draft = visitor_tables(metadata)
