"""A patient lets another organisation use a share that the first one uses already."""

from beeldpas.domain.actions import Action
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import NOT_FOUND, Deed, Refusal, perform
from beeldpas.portal.actions.own_share import own_share
from beeldpas.portal.house import House
from beeldpas.portal.store import organisations
from beeldpas.portal.store.organisations import Answer


async def allow_organisation(house: House, asker: Asker, share_id: str, request_id: str) -> None:
    """Say yes to a request that waits; the organisation may redeem the share from now on.

    Raises: NotFound; Refused(share_expired, share_revoked).
    """
    await answer(house, asker, Action.ALLOW_ORGANISATION, share_id, request_id, "allowed")


async def answer(house: House, asker: Asker, action: Action, share_id: str, request_id: str, said: Answer) -> None:
    """Give the patient's answer to a request that waits; an answer is given once."""

    async def work(deed: Deed) -> Refusal | None:
        stored = await own_share(deed, share_id)
        if isinstance(stored, Refusal):
            return stored
        name = await organisations.answer(deed.connection, share_id, request_id, said)
        if name is None:
            return Refusal(NOT_FOUND)
        deed.details = {"receiver": name}
        return None

    await perform(house, asker, action, work)
