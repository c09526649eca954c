"""A share is stopped for good, by its patient or by the helpdesk: it and every grant of it, at once."""

from dataclasses import dataclass
from datetime import datetime

from beeldpas.domain.actions import Action
from beeldpas.domain.codes import Reference
from beeldpas.domain.stopping import Ground
from beeldpas.portal.actions import resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import NOT_FOUND, Deed, Refusal, perform
from beeldpas.portal.actions.pausing import named_share, proven, tell
from beeldpas.portal.house import House
from beeldpas.portal.notify.notice import NoticeKind
from beeldpas.portal.store import grants, shares, staging, statuses
from beeldpas.portal.store.shares import StoredShare

_LONGEST_REASON = 200
_NO_GROUND = Ground()


@dataclass(frozen=True, slots=True)
class RevokedShare:
    """What was stopped, when; `already` when it had been stopped before."""

    reference: str
    at: datetime
    already: bool


async def revoke_share(
    house: House,
    asker: Asker,
    *,
    share_id: str | None = None,
    reference: Reference | str | None = None,
    why: str,
    ground: Ground = _NO_GROUND,
    note: str = "",
) -> RevokedShare:
    """Stop the share: no code, grant or token of it is worth anything from the moment that this returns.

    A patient names their own share by `share_id`; the helpdesk names it by `reference`, and must say `why` and on
    what `ground`: the patient on the line with a call code, a call-back, or an incident.
    Raises: NotFound; Refused(revoke_reason_missing, revoke_ground_missing, step_up_needed).
    """
    reason = " ".join(why.split())[:_LONGEST_REASON]
    wanted = None if reference is None or asker.kind != "staff" else str(Reference.parse(str(reference)))

    async def work(deed: Deed) -> RevokedShare | Refusal:
        stored = await named_share(deed, share_id, wanted)
        if stored is None:
            return Refusal(NOT_FOUND)
        deed.about_share(stored)
        rests_on = await _ground(deed, stored, ground)
        seconds = asker.authenticated_seconds(deed.now)
        seen = resources.share(stored, deed.now)
        if refusal := deed.authorise(seen, why=reason, ground=rests_on.kind, authenticated_seconds=seconds):
            return refusal
        if not await shares.revoke(deed.connection, stored.share_id, deed.now):
            at = stored.revoked_at or deed.now
            return RevokedShare(stored.reference, at, already=True)
        hospitals = await grants.end_share(deed.connection, stored.share_id, deed.now)
        await statuses.mark_changed(deed.connection, hospitals)
        await staging.keep_until(deed.connection, "share", stored.share_id, deed.now, deed.now)
        said = {"note": note} if note else {}
        deed.details = {"why": reason, "grants": len(hospitals), **rests_on.as_details(), **said}
        if asker.kind == "staff":
            await tell(deed, NoticeKind.HELPDESK_REVOKED, stored, reason)
        return RevokedShare(stored.reference, deed.now, already=False)

    return await perform(house, asker, Action.REVOKE_SHARE, work)


async def _ground(deed: Deed, stored: StoredShare, claimed: Ground) -> Ground:
    """A patient needs no ground to stop what is theirs."""
    return _NO_GROUND if deed.asker.kind == "patient" else await proven(deed, stored, claimed)
