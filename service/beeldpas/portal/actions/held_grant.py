"""The beginning of every verb about a grant: load it as it stands, with the visit that an own grant ends with."""

from dataclasses import replace

from beeldpas.portal.actions.frame import Deed
from beeldpas.portal.store import grants, visits
from beeldpas.portal.store.grants import StoredGrant


async def load_grant(deed: Deed, handle: str) -> StoredGrant | None:
    """Return the grant and tell the log about it; an own grant whose visit is over has ended."""
    stored = await grants.find(deed.connection, handle)
    if stored is None:
        return None
    deed.about_patient(stored.patient, stored.grant.basis)
    deed.share_id, deed.reference = stored.share_id, stored.reference
    own = stored.grant.basis == "own"
    if own and not await visits.is_going_on(deed.connection, stored.session or "", deed.now):
        return replace(stored, ended_at=stored.ended_at or deed.now)
    return stored
