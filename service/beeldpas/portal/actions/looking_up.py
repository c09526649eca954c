"""A bound on what an agent looks up: whoever guesses references or call codes is stopped, and stands out."""

import structlog

from beeldpas.portal.actions.frame import Deed, Refusal
from beeldpas.portal.store import lookups

MOST_A_MINUTE = 20
log = structlog.get_logger()


async def too_many(deed: Deed) -> Refusal | None:
    """Count this look, and refuse it when the agent had twenty in this minute. Each refusal is in the access log."""
    if deed.asker.kind != "staff":
        return None
    looked = await lookups.count(deed.connection, deed.asker.subject, deed.now)
    if looked <= MOST_A_MINUTE:
        return None
    log.warning("helpdesk_lookups_bounded", agent=deed.asker.subject, looked=looked)
    return Refusal("too_many_lookups")
