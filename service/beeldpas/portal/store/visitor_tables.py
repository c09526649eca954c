"""The tables of what is kept for who visits: what they set, and a share that they could not finish."""

from sqlalchemy import Boolean, Column, Index, LargeBinary, MetaData, String, Table

from beeldpas.database.instant import Instant


def visitor_tables(metadata: MetaData) -> tuple[Table, Table]:
    """Describe `preference` and `share_draft`: one row for each person at most."""
    preference = Table(
        "preference",
        metadata,
        Column("patient", String(96), primary_key=True),
        Column("language", String(2), nullable=False),
        Column("text_size", String(8), nullable=False),
        Column("reports_on_request", Boolean, nullable=False),
        Column("thumbnails", Boolean, nullable=False),
        Column("changed_at", Instant, nullable=False),
    )
    share_draft = Table(
        "share_draft",
        metadata,
        Column("patient", String(96), primary_key=True),
        Column("draft_id", String(32), nullable=False),
        Column("sealed", LargeBinary, nullable=False),
        Column("expires_at", Instant, nullable=False),
        Index("share_draft_expires_at", "expires_at"),
    )
    return preference, share_draft
