"""Somebody signs in at a door, or does not get in; both are in the log."""

from typing import Literal

from beeldpas.audit.event import PORTAL
from beeldpas.audit.name_keys import note_keys
from beeldpas.domain.actions import Action
from beeldpas.domain.errors import BeeldpasError
from beeldpas.portal.actions import resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import Deed, Refusal, perform
from beeldpas.portal.house import House
from beeldpas.portal.store.adoption import adopt

DoorName = Literal["patient", "provider", "staff"]
STRANGER = Asker("anyone", "", "", "", None, False, frozenset(), "", "nl")


async def sign_in(house: House, *, door: DoorName, asker: Asker | None = None, refused: str | None = None) -> None:
    """Record that somebody signed in, or (`refused`: the state key) that the door sent somebody away.

    What stands under an older name of a patient who got in moves to the newest, at the same moment.
    Raises: NotFound when the policies do not let this asker in by this door.
    """

    async def work(deed: Deed) -> Refusal | None:
        deed.details = {"door": door}
        if deed.asker.kind == "patient":
            deed.about_patient(deed.asker.subject, "own")
        refusal = Refusal(refused) if refused else deed.authorise(resources.door(door))
        if refusal is None and deed.asker.kind == "patient":
            await note_keys(deed.connection, deed.asker.names, PORTAL, deed.now)
            await adopt(deed.connection, deed.asker.names)
        return refusal

    try:
        await perform(house, asker or STRANGER, Action.SIGN_IN, work)
    except BeeldpasError as error:
        if error.reason != refused:
            raise
