"""The helpdesk's tables: call codes, looks per agent, and revocations that wait for a second person."""

from sqlalchemy import Column, Integer, MetaData, String, Table, Text

from beeldpas.database.instant import Instant

_PERSON, _AGENT = String(96), String(256)


def desk_tables(metadata: MetaData) -> tuple[Table, Table, Table]:
    """Describe them: call codes, looks, bulk revocations."""
    # What a patient reads to the helpdesk: good once, and then for one call of the agent who took it.
    call_code = Table(
        "call_code",
        metadata,
        Column("fingerprint", _PERSON, primary_key=True),
        Column("patient", _PERSON, nullable=False, unique=True),
        Column("expires_at", Instant, nullable=False),
        Column("taken_by", _AGENT),
        Column("taken_at", Instant),
    )
    # How often each agent looked something up since a moment of the last minute.
    helpdesk_lookup = Table(
        "helpdesk_lookup",
        metadata,
        Column("agent", _AGENT, primary_key=True),
        Column("since", Instant, nullable=False),
        Column("looked", Integer, nullable=False),
    )
    # Revocations of many shares, which wait for a second person.
    bulk_revocation = Table(
        "bulk_revocation",
        metadata,
        Column("number", String(8), primary_key=True),
        Column("target_kind", String(16), nullable=False),  # organisation, provider
        Column("target", String(160), nullable=False),
        Column("incident", String(32), nullable=False),
        Column("why", String(32), nullable=False),
        Column("note", Text, nullable=False),
        Column("proposed_by", _AGENT, nullable=False),
        Column("proposer", Text, nullable=False),
        Column("proposed_at", Instant, nullable=False),
        Column("expires_at", Instant, nullable=False),
        Column("confirmed_at", Instant),
    )
    return call_code, helpdesk_lookup, bulk_revocation
