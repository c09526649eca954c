"""A patient follows the link of the message that was sent to them, signed in: from now on the address is used."""

from beeldpas.domain.actions import Action
from beeldpas.portal.actions import resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import Deed, Refusal, perform
from beeldpas.portal.house import House
from beeldpas.portal.notify import addresses
from beeldpas.portal.notify.links import MailLinks, Purpose

_OVER = Refusal("address_link_over")


async def verify_address(house: House, asker: Asker, token: str) -> None:
    """Put the address that waits into use.

    A link is good for the patient who asked for it, once, for a day, and only for the address that was typed last.
    Raises: NotFound; Refused("address_link_over").
    """
    links = MailLinks(house.secrets, house.settings.base_url, house.clock)
    address_id, _, mark = (links.read(Purpose.CONFIRM, token) or "").partition("~")
    seal = addresses.seal_of(house.secrets)

    async def work(deed: Deed) -> Refusal | None:
        deed.about_patient(asker.subject, "own")
        found = await addresses.find(deed.connection, seal, asker.subject)
        right = bool(mark) and found is not None and (found.address_id, found.pending_mark) == (address_id, mark)
        if refusal := deed.authorise(resources.history(asker.subject), link="right" if right else "wrong"):
            return refusal
        return None if await addresses.confirm(deed.connection, address_id, mark, deed.now) else _OVER

    await perform(house, asker, Action.VERIFY_ADDRESS, work)
