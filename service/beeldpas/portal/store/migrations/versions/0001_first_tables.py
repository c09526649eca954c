"""The first tables: sessions, shares, grants, and an access log that nobody changes."""

import sqlalchemy as sa
from alembic import op

from beeldpas.database.append_only import forbid_changes
from beeldpas.database.instant import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# INSERT OR REPLACE removes a row without asking the triggers that guard against DELETE.
_NO_REPLACE = (
    "CREATE TRIGGER access_log_no_replace BEFORE INSERT ON access_log "
    "WHEN EXISTS (SELECT 1 FROM access_log WHERE event_id = NEW.event_id OR row_id = NEW.row_id) "
    "BEGIN SELECT RAISE(IGNORE); END"
)


def upgrade() -> None:
    _access_log()
    _sessions()
    _shares()
    _what_belongs_to_a_share()
    _grants()
    _what_belongs_to_a_grant()


def _access_log() -> None:
    op.create_table(
        "access_log",
        sa.Column("row_id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("event_id", sa.String(64), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("patient", sa.String(96)),
        sa.Column("share_id", sa.String(32)),
        sa.Column("record", sa.Text, nullable=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("event_id", name="access_log_event_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("access_log_patient", "access_log", ["patient", "at"])
    op.create_index("access_log_share", "access_log", ["share_id", "at"])
    forbid_changes(op.get_bind(), "access_log")
    if op.get_bind().dialect.name == "sqlite":
        op.execute(_NO_REPLACE)


def _sessions() -> None:
    op.create_table(
        "session",
        sa.Column("id_hash", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("begun_at", Instant, nullable=False),
        sa.Column("seen_at", Instant, nullable=False),
    )
    op.create_table(
        "seen_jti",
        sa.Column("issuer", sa.String(256), primary_key=True),
        sa.Column("jti", sa.String(200), primary_key=True),
        sa.Column("expires_at", Instant, nullable=False),
    )
    op.create_index("seen_jti_expires_at", "seen_jti", ["expires_at"])


def _shares() -> None:
    op.create_table(
        "share",
        sa.Column("share_id", sa.String(32), primary_key=True),
        sa.Column("reference", sa.String(16), nullable=False, unique=True),
        sa.Column("patient", sa.String(96), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("for_whom", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("allow_self_declared", sa.Boolean, nullable=False),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("revoked_at", Instant),
        sa.Column("code_fingerprint", sa.String(96), nullable=False, unique=True),
        sa.Column("pin_hash", sa.Text, nullable=False),
        sa.Column("attempts_spent", sa.Integer, nullable=False),
        sa.Column("organisation_key", sa.String(256)),
        sa.Column("organisation", sa.Text),
        sa.UniqueConstraint("patient", "request_id", name="share_request"),
    )


def _what_belongs_to_a_share() -> None:
    op.create_table(
        "share_study",
        sa.Column("share_id", sa.String(32), sa.ForeignKey("share.share_id"), primary_key=True),
        sa.Column("gateway_id", sa.String(64), primary_key=True),
        sa.Column("study_uid", sa.String(64), primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("hospital", sa.Text, nullable=False),
        sa.Column("modalities", sa.JSON, nullable=False),
        sa.Column("body_part", sa.Text, nullable=False),
        sa.Column("laterality", sa.Text, nullable=False),
        sa.Column("started", sa.Date),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("instances", sa.Integer),
        sa.Column("reports", sa.Integer, nullable=False),
    )
    op.create_table(
        "share_organisation",
        sa.Column("request_id", sa.String(32), primary_key=True),
        sa.Column("share_id", sa.String(32), sa.ForeignKey("share.share_id"), nullable=False),
        sa.Column("organisation_key", sa.String(256), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("answer", sa.String(16), nullable=False),
        sa.UniqueConstraint("share_id", "organisation_key", name="share_organisation_once"),
    )


def _grants() -> None:
    op.create_table(
        "issued_grant",
        sa.Column("handle", sa.String(32), primary_key=True),
        sa.Column("gateway_id", sa.String(64), nullable=False),
        sa.Column("basis", sa.String(16), nullable=False),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("share_id", sa.String(32), sa.ForeignKey("share.share_id")),
        sa.Column("session", sa.String(64)),
        sa.Column("patient", sa.String(96), nullable=False),
        sa.Column("receiver_key", sa.String(160), nullable=False),
        sa.Column("receiver_kind", sa.String(16), nullable=False),
        sa.Column("receiver_name", sa.Text, nullable=False),
        sa.Column("receiver_organisation", sa.Text, nullable=False),
        sa.Column("receiver_ura", sa.String(16)),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("ends_at", Instant, nullable=False),
        sa.Column("ended_at", Instant),
        sa.Column("revoked_at", Instant),
        sa.Column("status_index", sa.Integer, nullable=False),
        sa.UniqueConstraint("gateway_id", "status_index", name="issued_grant_status_index"),
    )
    of_share, revoked = sa.text("share_id IS NOT NULL"), sa.text("revoked_at IS NOT NULL")
    op.create_index(
        "issued_grant_once",
        "issued_grant",
        ["share_id", "gateway_id", "receiver_key"],
        unique=True,
        sqlite_where=of_share,
        postgresql_where=of_share,
    )
    op.create_index("issued_grant_receiver", "issued_grant", ["receiver_key"])
    op.create_index(
        "issued_grant_revoked",
        "issued_grant",
        ["gateway_id"],
        sqlite_where=revoked,
        postgresql_where=revoked,
    )


def _what_belongs_to_a_grant() -> None:
    op.create_table(
        "grant_study",
        sa.Column("handle", sa.String(32), sa.ForeignKey("issued_grant.handle"), primary_key=True),
        sa.Column("study_uid", sa.String(64), primary_key=True),
    )
    op.create_table(
        "authorization_code",
        sa.Column("code_hash", sa.String(64), primary_key=True),
        sa.Column("handle", sa.String(32), sa.ForeignKey("issued_grant.handle"), nullable=False),
        sa.Column("gateway_id", sa.String(64), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("used_at", Instant),
    )
    op.create_table(
        "status_list",
        sa.Column("gateway_id", sa.String(64), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
    )
