"""The beginning of every verb by which a patient changes an own share: it is theirs, or it does not exist."""

from beeldpas.portal.actions import resources
from beeldpas.portal.actions.frame import NOT_FOUND, Deed, Refusal
from beeldpas.portal.store import shares
from beeldpas.portal.store.shares import StoredShare

MOVED_ON = Refusal("two_tabs", conflict=True)


async def own_share(deed: Deed, share_id: str, **context: str | int) -> StoredShare | Refusal:
    """Return the share when it is this patient's and the policies let them do what they ask."""
    stored = await shares.find(deed.connection, share_id, patient=deed.asker.subject)
    if stored is None:
        return Refusal(NOT_FOUND)
    deed.about_share(stored)
    return deed.authorise(resources.share(stored, deed.now), **context) or stored
