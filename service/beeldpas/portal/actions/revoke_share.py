"""A share is stopped for good, by its patient or by the helpdesk: it and every grant of it, at once."""

from dataclasses import dataclass
from datetime import datetime

from beeldpas.domain.actions import Action
from beeldpas.domain.codes import Reference
from beeldpas.portal.actions import resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import NOT_FOUND, Deed, Refusal, perform
from beeldpas.portal.house import House
from beeldpas.portal.store import grants, shares, staging, statuses
from beeldpas.portal.store.shares import StoredShare

_LONGEST_REASON = 200


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
) -> RevokedShare:
    """Stop the share: no code, grant or token of it is worth anything from the moment that this returns.

    A patient names their own share by `share_id`; the helpdesk names it by `reference` and must say `why`.
    Raises: NotFound; Refused("revoke_reason_missing").
    """
    reason = " ".join(why.split())[:_LONGEST_REASON]

    async def work(deed: Deed) -> RevokedShare | Refusal:
        stored = await _named(deed, share_id, reference)
        if stored is None:
            return Refusal(NOT_FOUND)
        deed.about_share(stored)
        if refusal := deed.authorise(resources.share(stored, deed.now), why=reason):
            return refusal
        if not await shares.revoke(deed.connection, stored.share_id, deed.now):
            at = stored.revoked_at or deed.now
            return RevokedShare(stored.reference, at, already=True)
        hospitals = await grants.end_share(deed.connection, stored.share_id, deed.now)
        await statuses.mark_changed(deed.connection, hospitals)
        await staging.keep_until(deed.connection, "share", stored.share_id, deed.now, deed.now)
        deed.details = {"why": reason, "grants": len(hospitals)}
        return RevokedShare(stored.reference, deed.now, already=False)

    return await perform(house, asker, Action.REVOKE_SHARE, work)


async def _named(deed: Deed, share_id: str | None, reference: Reference | str | None) -> StoredShare | None:
    if deed.asker.kind == "staff" and reference is not None:
        return await shares.find_by_reference(deed.connection, str(Reference.parse(str(reference))))
    if deed.asker.kind == "patient" and share_id is not None:
        return await shares.find(deed.connection, share_id, patient=deed.asker.subject)
    return None
