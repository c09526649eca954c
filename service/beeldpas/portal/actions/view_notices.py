"""A patient sees where they are told, and what they were told lately."""

from dataclasses import dataclass, field

from beeldpas.domain.actions import Action
from beeldpas.portal.actions import resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import NOT_FOUND, Deed, Refusal, perform
from beeldpas.portal.house import House
from beeldpas.portal.notify import addresses, outbox
from beeldpas.portal.notify.outbox import Told

_MOST = 20


@dataclass(frozen=True, slots=True)
class Notices:
    """The address in use, the one that waits for its link, and the latest messages, newest first."""

    address: str | None = field(repr=False)
    pending: str | None = field(repr=False)
    told: tuple[Told, ...]


async def view_notices(house: House, asker: Asker) -> Notices:
    """Return what is set and what was sent. Raises: NotFound, also where no mail server is set."""
    seal = addresses.seal_of(house.secrets)

    async def work(deed: Deed) -> Notices | Refusal:
        deed.about_patient(asker.subject, "own")
        if refusal := deed.authorise(resources.history(asker.subject)):
            return refusal
        if house.settings.mail is None:
            return Refusal(NOT_FOUND)
        found = await addresses.find(deed.connection, seal, asker.subject)
        told = await outbox.latest(deed.connection, found.address_id, _MOST) if found else ()
        deed.details = {"found": len(told)}
        waits = found is not None and found.pending_until is not None and found.pending_until > deed.now
        return Notices(
            found.verified.reveal() if found and found.verified else None,
            found.pending.reveal() if found and waits and found.pending else None,
            told,
        )

    return await perform(house, asker, Action.VIEW_NOTICES, work)
