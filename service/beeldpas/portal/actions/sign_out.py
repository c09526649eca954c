"""Somebody leaves: the own grants of the visit end, so that nothing new starts; what runs may finish."""

from beeldpas.domain.actions import Action
from beeldpas.portal.actions import resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import Deed, Refusal, perform
from beeldpas.portal.house import House
from beeldpas.portal.store import grants, staging


async def sign_out(house: House, asker: Asker) -> None:
    """End what this visit may start. The session itself is for the door to forget."""

    async def work(deed: Deed) -> Refusal | None:
        if deed.asker.kind == "patient":
            deed.about_patient(deed.asker.subject, "own")
        if refusal := deed.authorise(resources.door(deed.asker.kind)):
            return refusal
        if asker.session:
            await staging.keep_until(deed.connection, "own", asker.session, deed.now, deed.now)
        deed.details = {"grants": await grants.end_visit(deed.connection, asker.session, deed.now)}
        return None

    await perform(house, asker, Action.SIGN_OUT, work)
