"""A receiver starts a download: the browser goes to the hospital with a code that works once, for a minute."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from beeldpas.domain.actions import Action
from beeldpas.portal.actions import resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import NOT_FOUND, Deed, Refusal, perform
from beeldpas.portal.actions.held_grant import load_grant
from beeldpas.portal.actions.refusals import explain
from beeldpas.portal.house import House
from beeldpas.portal.store import authorization_codes, shares


@dataclass(frozen=True, slots=True)
class Download:
    """Where to send the browser; the address holds the one-time code, so it is never logged or shown."""

    redirect_url: str = field(repr=False)


async def start_download(house: House, asker: Asker, grant_handle: str, language: str) -> Download:
    """Make a one-time code for one of this receiver's grants.

    Raises: NotFound; Refused(share_expired {date}, share_revoked, share_suspended, session_ended).
    """

    async def work(deed: Deed) -> Download | Refusal:
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
            share = await shares.find(deed.connection, stored.share_id) if stored.share_id else None
            return explain(refusal, share) if share else refusal
        code = await authorization_codes.issue(
            deed.connection, stored.grant.handle, hospital.gateway_id, language, deed.now
        )
        query = urlencode({"code": code.reveal(), "iss": house.settings.base_url})
        return Download(f"{hospital.base_url}/download?{query}")

    return await perform(house, asker, Action.START_DOWNLOAD, work)
