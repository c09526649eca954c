"""A patient gets a new code and PIN for a share; from then on the old letter, link and PIN open nothing."""

from beeldpas.domain.actions import Action
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import Deed, Refusal, perform
from beeldpas.portal.actions.made_share import MadeShare, make_keys
from beeldpas.portal.actions.own_share import MOVED_ON, own_share
from beeldpas.portal.house import House
from beeldpas.portal.store import shares


async def replace_code(house: House, asker: Asker, share_id: str) -> MadeShare:
    """Return the new code and PIN, for this once; a locked share is open again, with ten new attempts.

    Who redeemed the share before keeps what they were given: to end that, the share is revoked.
    Raises: NotFound; Refused(share_expired, share_revoked); Conflict("two_tabs").
    """
    keys = await make_keys(house, share_id)

    async def work(deed: Deed) -> MadeShare | Refusal:
        stored = await own_share(deed, share_id)
        if isinstance(stored, Refusal):
            return stored
        replaced = await shares.replace_code(deed.connection, stored, keys.code_fingerprint, keys.pin_hash, deed.now)
        return keys.of(stored) if replaced else MOVED_ON

    return await perform(house, asker, Action.REPLACE_CODE, work)
