"""A pause is lifted by the patient who signed in, or by the helpdesk with that patient on the line; nobody else."""

from dataclasses import dataclass
from datetime import datetime

from beeldpas.domain.actions import Action
from beeldpas.domain.codes import Reference
from beeldpas.domain.stopping import CALL_CODE, Ground
from beeldpas.portal.actions import resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import NOT_FOUND, Deed, Refusal, perform
from beeldpas.portal.actions.pausing import named_share, proven, tell
from beeldpas.portal.actions.refusals import explain
from beeldpas.portal.house import House
from beeldpas.portal.notify.notice import NoticeKind
from beeldpas.portal.store import grant_holds, holds, statuses


@dataclass(frozen=True, slots=True)
class ResumedShare:
    """Which share can be used again, from when; `already` when it was not paused."""

    reference: str
    at: datetime
    already: bool


async def resume_share(
    house: House, asker: Asker, *, share_id: str | None = None, reference: Reference | str | None = None
) -> ResumedShare:
    """Lift the pause: what was granted before is worth something again, until the day that the patient chose.

    A patient names their own share by `share_id`; the helpdesk names it by `reference`.
    Raises: NotFound; Refused(call_code_needed, share_revoked, share_expired {date}).
    """
    wanted = None if reference is None else str(Reference.parse(str(reference)))

    async def work(deed: Deed) -> ResumedShare | Refusal:
        stored = await named_share(deed, share_id, wanted)
        if stored is None:
            return Refusal(NOT_FOUND)
        deed.about_share(stored)
        ground = "own" if asker.kind == "patient" else (await proven(deed, stored, Ground(CALL_CODE))).kind
        if refusal := deed.authorise(resources.share(stored, deed.now), ground=ground):
            return explain(refusal, stored)
        if not await holds.resume(deed.connection, stored.share_id, deed.now):
            return ResumedShare(stored.reference, deed.now, already=True)
        hospitals = await grant_holds.resume_share(deed.connection, stored.share_id)
        await statuses.mark_changed(deed.connection, hospitals)
        deed.details = {"ground": ground, "grants": len(hospitals)}
        if asker.kind == "staff":
            await tell(deed, NoticeKind.HELPDESK_RESUMED, stored)
        return ResumedShare(stored.reference, deed.now, already=False)

    return await perform(house, asker, Action.RESUME_SHARE, work)
