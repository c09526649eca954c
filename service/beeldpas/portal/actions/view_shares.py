"""A patient sees their shares: what is open, who used it, who waits for an answer."""

from beeldpas.domain.actions import Action
from beeldpas.portal.actions import resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import NOT_FOUND, Deed, Refusal, perform
from beeldpas.portal.actions.share_views import ShareView, as_patient_sees
from beeldpas.portal.house import House
from beeldpas.portal.store import shares


async def view_shares(house: House, asker: Asker) -> tuple[ShareView, ...]:
    """Return all shares of this patient, newest first. Raises: NotFound."""

    async def work(deed: Deed) -> tuple[ShareView, ...] | Refusal:
        deed.about_patient(asker.subject, "own")
        if refusal := deed.authorise(resources.history(asker.subject)):
            return refusal
        stored = await shares.of_patient(deed.connection, asker.subject)
        deed.details = {"found": len(stored)}
        return await as_patient_sees(deed.connection, stored, deed.now)

    return await perform(house, asker, Action.VIEW_SHARES, work)


async def one(house: House, asker: Asker, share_id: str) -> ShareView:
    """Return one share of this patient. Raises: NotFound."""

    async def work(deed: Deed) -> ShareView | Refusal:
        deed.about_patient(asker.subject, "own")
        if refusal := deed.authorise(resources.history(asker.subject)):
            return refusal
        stored = await shares.find(deed.connection, share_id, patient=asker.subject)
        if stored is None:
            return Refusal(NOT_FOUND)
        deed.about_share(stored)
        deed.details = {"found": 1}
        return (await as_patient_sees(deed.connection, [stored], deed.now))[0]

    return await perform(house, asker, Action.VIEW_SHARES, work)
