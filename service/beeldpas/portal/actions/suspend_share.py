"""The helpdesk pauses a share: nothing of it opens, what runs is cut off, and it can be lifted again."""

from dataclasses import dataclass
from datetime import datetime

from beeldpas.domain.actions import Action
from beeldpas.domain.codes import Reference
from beeldpas.domain.stopping import REASONS
from beeldpas.portal.actions import resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import NOT_FOUND, Deed, Refusal, perform
from beeldpas.portal.actions.pausing import named_share, pause_grants, tell
from beeldpas.portal.actions.refusals import explain
from beeldpas.portal.house import House
from beeldpas.portal.notify.notice import NoticeKind
from beeldpas.portal.store import holds


@dataclass(frozen=True, slots=True)
class SuspendedShare:
    """What was paused, when; `already` when it was before."""

    reference: str
    at: datetime
    already: bool


async def suspend_share(
    house: House, asker: Asker, reference: Reference | str, *, why: str, note: str = ""
) -> SuspendedShare:
    """Pause the share. Whoever reads its reference out may have that done: it opens nothing, and the patient is told.

    Raises: NotFound; Refused(revoke_reason_missing, share_revoked, share_expired {date}).
    """
    wanted, reason = str(Reference.parse(str(reference))), why if why in REASONS else ""

    async def work(deed: Deed) -> SuspendedShare | Refusal:
        stored = await named_share(deed, None, wanted)
        if stored is None:
            return Refusal(NOT_FOUND)
        deed.about_share(stored)
        if refusal := deed.authorise(resources.share(stored, deed.now), why=reason):
            return explain(refusal, stored)
        if not await holds.suspend(deed.connection, stored.share_id, reason, deed.now):
            return SuspendedShare(stored.reference, stored.suspended_at or deed.now, already=True)
        deed.details = {"why": reason, "note": note, "grants": await pause_grants(deed, [stored])}
        await tell(deed, NoticeKind.HELPDESK_SUSPENDED, stored, reason)
        return SuspendedShare(stored.reference, deed.now, already=False)

    return await perform(house, asker, Action.SUSPEND_SHARE, work)
