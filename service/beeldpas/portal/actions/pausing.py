"""Pausing shares and their grants, and stopping them: what several verbs of the helpdesk bring about."""

from collections.abc import Mapping, Sequence

from beeldpas.domain.stopping import CALL_CODE, Ground
from beeldpas.portal.actions.frame import Deed
from beeldpas.portal.notify.notice import Notice, NoticeKind
from beeldpas.portal.notify.outbox import notify
from beeldpas.portal.store import calls, grant_holds, shares, statuses
from beeldpas.portal.store.shares import StoredShare

# The fixed list of reasons as the mails call them; an agent's own words go into no mail.
_IN_MAILS: Mapping[str, str] = {"lost": "letter_lost", "other_had_code": "someone_else"}


async def named_share(deed: Deed, share_id: str | None, reference: str | None) -> StoredShare | None:
    """Return the share that staff name by its reference, or a patient by its id: their own."""
    if deed.asker.kind == "staff" and reference is not None:
        return await shares.find_by_reference(deed.connection, reference)
    if deed.asker.kind == "patient" and share_id is not None:
        return await shares.find(deed.connection, share_id, patient=deed.asker.subject)
    return None


async def is_on_the_line(deed: Deed, share: StoredShare) -> bool:
    """Say whether this agent has the patient of this share on the line: they read a call code from their own page."""
    patient = await calls.on_the_line(deed.connection, deed.asker.subject, deed.now)
    return patient is not None and patient == share.patient


async def proven(deed: Deed, share: StoredShare, claimed: Ground) -> Ground:
    """Return the ground that is claimed; a call code is not claimed but proven, or it is no ground."""
    if claimed.kind == CALL_CODE and not await is_on_the_line(deed, share):
        return Ground()
    return claimed


async def pause_grants(deed: Deed, paused: Sequence[StoredShare]) -> int:
    """Pause every grant of these shares, and let the hospitals' lists say so; returns how many grants."""
    share_ids = [share.share_id for share in paused]
    hospitals = await grant_holds.suspend_shares(deed.connection, share_ids, deed.now)
    await statuses.mark_changed(deed.connection, hospitals)
    return len(hospitals)


async def tell(deed: Deed, kind: NoticeKind, share: StoredShare, why: str = "") -> None:
    """Tell the patient by mail, when they want that."""
    notice = Notice(kind, reason=_IN_MAILS.get(why, why))
    await notify(deed.connection, share.patient, notice, share, deed.now)
