"""What a patient is told when somebody uses, or tries to use, one of their shares: on the transaction of the use."""

from hashlib import sha256

from beeldpas.domain.share import MAX_ATTEMPTS
from beeldpas.portal.actions.frame import Deed
from beeldpas.portal.notify.notice import Notice, NoticeKind
from beeldpas.portal.notify.outbox import notify
from beeldpas.portal.store.shares import StoredShare

# Two of a typing error are nothing to write about; at seven there is time to stop it before the lock.
_TOLD_AT = (3, 7)


async def tell_first_use(deed: Deed, stored: StoredShare) -> None:
    """Tell that a share was used, if nobody used it before."""
    if stored.organisation_key is None:
        first = Notice(NoticeKind.FIRST_USE, verified=deed.asker.verified, once=f"first:{stored.share_id}")
        await notify(deed.connection, stored.patient, first, stored, deed.now)


async def tell_wrong_pin(deed: Deed, stored: StoredShare, number: int) -> None:
    """Tell of the third and seventh wrong PIN, and of the tenth that locks the share."""
    if number in _TOLD_AT:
        notice = Notice(NoticeKind.WRONG_PINS, n=number)
    elif number == MAX_ATTEMPTS:
        notice = Notice(NoticeKind.LOCKED, n=number)
    else:
        return
    await notify(deed.connection, stored.patient, notice, stored, deed.now)


async def tell_waiting(deed: Deed, stored: StoredShare) -> None:
    """Tell that another organisation waits for an answer: once for each."""
    whose = sha256(deed.asker.organisation_key.encode()).hexdigest()[:16]
    notice = Notice(NoticeKind.SECOND_ORGANISATION, once=f"second:{stored.share_id}:{whose}")
    await notify(deed.connection, stored.patient, notice, stored, deed.now)
