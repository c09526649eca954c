"""A patient lets a share last longer, up to thirty days from its making; what rests on it lasts with it."""

from datetime import datetime, timedelta

from beeldpas.domain.actions import Action
from beeldpas.domain.share import LONGEST_DAYS, days_lasting, end_after
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import Deed, Refusal, perform
from beeldpas.portal.actions.own_share import MOVED_ON, own_share
from beeldpas.portal.house import House
from beeldpas.portal.store import grants, shares, staging

_MOMENT = timedelta(microseconds=1)


async def extend_share(house: House, asker: Asker, share_id: str, days: int) -> datetime:
    """Move the end of the share by this many days (at least one) and return it.

    Raises: NotFound; Refused(extend_too_long {n}, share_expired, share_revoked); Conflict("two_tabs").
    """

    async def work(deed: Deed) -> datetime | Refusal:
        seen = await shares.find(deed.connection, share_id, patient=asker.subject)
        ends_at = _extended(seen.expires_at, days) if seen else deed.now
        since_making = days_lasting(seen.made_at, ends_at) if seen else 0
        stored = await own_share(deed, share_id, days_since_making=since_making)
        if isinstance(stored, Refusal):
            return _explained(stored)
        if not await shares.extend(deed.connection, stored, ends_at, deed.now):
            return MOVED_ON
        await grants.extend_share(deed.connection, share_id, ends_at)
        await staging.keep_until(deed.connection, "share", share_id, ends_at, deed.now)
        deed.details = {"ends_at": ends_at.isoformat()}
        return ends_at

    return await perform(house, asker, Action.EXTEND_SHARE, work)


def _extended(expires_at: datetime, days: int) -> datetime:
    """More than the longest share is as good as any number: the policy refuses it."""
    return end_after(expires_at - _MOMENT, min(max(days, 1), LONGEST_DAYS + 1))


def _explained(refusal: Refusal) -> Refusal:
    if refusal.reason == "extend_too_long":
        return Refusal(refusal.reason, {"n": LONGEST_DAYS})
    return refusal
