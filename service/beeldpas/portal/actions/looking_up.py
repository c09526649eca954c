"""A bound on what an agent looks up: whoever guesses references or call codes is stopped, and stands out."""

import structlog

from beeldpas.portal.actions.frame import Deed, Refusal
from beeldpas.portal.store import lookups

log = structlog.get_logger()


async def too_many(deed: Deed) -> Refusal | None:
    """Count this look, and refuse it when the agent had enough in this minute. Each refusal is in the access log.

    Counted in the database, on the verb's own transaction: not a limit for noise but one on guessing, so no process
    has a count of its own, and none begins anew with it.
    """
    if deed.asker.kind != "staff":
        return None
    looked = await lookups.count(deed.connection, deed.asker.subject, deed.now)
    if looked <= deed.house.settings.limits.looks:
        return None
    log.warning("helpdesk_lookups_bounded", agent=deed.asker.subject, looked=looked)
    return Refusal("too_many_lookups")
