"""Somebody who signed in as a patient says how they want the pages to be."""

from beeldpas.domain.actions import Action
from beeldpas.domain.preferences import Preferences
from beeldpas.portal.actions import resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import Deed, Refusal, perform
from beeldpas.portal.house import House
from beeldpas.portal.store import preferences as store


async def set_preferences(house: House, asker: Asker, wanted: Preferences) -> None:
    """Keep how the pages shall be for whoever looks, also when they look for somebody else. Raises: NotFound."""

    async def work(deed: Deed) -> Refusal | None:
        deed.about_patient(asker.subject, "own")
        if refusal := deed.authorise(resources.history(asker.subject)):
            return refusal
        await store.keep(deed.connection, asker.acting or asker.subject, wanted, deed.now)
        return None

    await perform(house, asker, Action.SET_PREFERENCES, work)
