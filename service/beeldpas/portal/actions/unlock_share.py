"""The helpdesk unlocks a share for its patient: three more attempts at the PIN, once in the life of a code."""

from dataclasses import dataclass

from beeldpas.domain.actions import Action
from beeldpas.domain.codes import Reference
from beeldpas.domain.share import UNLOCK_ATTEMPTS
from beeldpas.domain.stopping import CALL_CODE, Ground
from beeldpas.portal.actions import resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import NOT_FOUND, Deed, Refusal, perform
from beeldpas.portal.actions.own_share import MOVED_ON
from beeldpas.portal.actions.pausing import named_share, proven, tell
from beeldpas.portal.actions.refusals import explain
from beeldpas.portal.house import House
from beeldpas.portal.notify.notice import NoticeKind
from beeldpas.portal.store import holds


@dataclass(frozen=True, slots=True)
class UnlockedShare:
    """Which share can be tried again, and how often."""

    reference: str
    attempts: int


async def unlock_share(house: House, asker: Asker, reference: Reference | str) -> UnlockedShare:
    """Give the code of this share three more attempts. It is the patient's to ask, on the line with a call code.

    Raises: NotFound; Refused(call_code_needed, share_not_locked, unlock_used, share_suspended, share_revoked,
    share_expired {date}); Conflict("two_tabs").
    """
    wanted = str(Reference.parse(str(reference)))

    async def work(deed: Deed) -> UnlockedShare | Refusal:
        stored = await named_share(deed, None, wanted)
        if stored is None:
            return Refusal(NOT_FOUND)
        deed.about_share(stored)
        ground = (await proven(deed, stored, Ground(CALL_CODE))).kind
        seen = resources.share(stored, deed.now)
        if refusal := deed.authorise(seen, ground=ground, unlocked_before=stored.extra_attempts > 0):
            return explain(refusal, stored)
        if not await holds.unlock(deed.connection, stored, deed.now):
            return MOVED_ON
        deed.details = {"ground": ground, "attempts": UNLOCK_ATTEMPTS}
        await tell(deed, NoticeKind.HELPDESK_UNLOCKED, stored)
        return UnlockedShare(stored.reference, UNLOCK_ATTEMPTS)

    return await perform(house, asker, Action.UNLOCK_SHARE, work)
