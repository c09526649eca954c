"""No more messages: asked by the patient on their own page, or by whoever holds one of our mails, with its link."""

from beeldpas.domain.actions import Action
from beeldpas.portal.actions import resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import NOT_FOUND, Deed, Refusal, perform
from beeldpas.portal.house import House
from beeldpas.portal.notify import addresses
from beeldpas.portal.notify.links import MailLinks, Purpose


async def remove_address(house: House, asker: Asker, token: str = "") -> None:
    """Forget the address, and every message that waits for it or was sent to it.

    A mailbox may have changed hands: its holder can stop the mails with `token`, and learns nothing by it.
    Raises: NotFound, for a link that is not ours and for an address that is gone already.
    """
    links = MailLinks(house.secrets, house.settings.base_url, house.clock)
    named = links.read(Purpose.STOP, token) if token else None
    seal = addresses.seal_of(house.secrets)

    async def work(deed: Deed) -> Refusal | None:
        by_link = asker.kind != "patient"
        found = (
            await addresses.find_by_id(deed.connection, seal, named or "")
            if by_link
            else await addresses.find(deed.connection, seal, asker.subject)
        )
        if found is None:
            return Refusal(NOT_FOUND)
        deed.about_patient(found.patient, "own")
        deed.details = {"by": "link" if by_link else "patient"}
        if refusal := deed.authorise(resources.history(found.patient), link="right" if named else "none"):
            return refusal
        return None if await addresses.remove(deed.connection, found.address_id) else Refusal(NOT_FOUND)

    await perform(house, asker, Action.REMOVE_ADDRESS, work)
