"""A patient keeps another organisation out of a share; it cannot ask again."""

from beeldpas.domain.actions import Action
from beeldpas.portal.actions.allow_organisation import answer
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.house import House


async def refuse_organisation(house: House, asker: Asker, share_id: str, request_id: str) -> None:
    """Say no to a request that waits. Raises: NotFound; Refused(share_expired, share_revoked)."""
    await answer(house, asker, Action.REFUSE_ORGANISATION, share_id, request_id, "refused")
