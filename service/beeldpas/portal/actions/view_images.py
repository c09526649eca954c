"""A receiver looks at images: the viewer in their browser gets an access token for five minutes."""

from beeldpas.domain.actions import Action
from beeldpas.portal.access_token import IssuedToken, render_token
from beeldpas.portal.actions import resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import NOT_FOUND, Deed, Refusal, perform
from beeldpas.portal.actions.held_grant import load_grant
from beeldpas.portal.house import House


async def view_images(house: House, asker: Asker, grant_handle: str) -> IssuedToken:
    """Return a token for one of this receiver's grants.

    Raises: NotFound; Refused(share_expired, share_revoked, session_ended).
    """

    async def work(deed: Deed) -> IssuedToken | Refusal:
        stored = await load_grant(deed, grant_handle)
        if stored is None or stored.receiver_key != asker.receiver_key:
            return Refusal(NOT_FOUND)
        hospital = house.directory.by_id(stored.grant.gateway_id)
        deed.details = {
            "gateway": hospital.gateway_id,
            "hospital": hospital.name,
            "grant": stored.grant.handle,
        }
        if refusal := deed.authorise(resources.grant(stored, deed.now)):
            return refusal
        return render_token(house, stored, asker.language, deed.now)

    return await perform(house, asker, Action.VIEW_IMAGES, work)
