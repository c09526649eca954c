"""A care provider sees a share that they redeemed; every hospital says what it holds of it now."""

from beeldpas.domain.actions import Action
from beeldpas.portal.actions import resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.download_progress import Progress, progress_of
from beeldpas.portal.actions.frame import NOT_FOUND, Deed, Refusal, perform
from beeldpas.portal.actions.hospital_answers import ask_hospitals
from beeldpas.portal.actions.provider_view import ProviderView, as_provider_sees
from beeldpas.portal.actions.question import ask_for_provider
from beeldpas.portal.actions.refusals import explain
from beeldpas.portal.house import House
from beeldpas.portal.store import grants, share_studies, shares, staging
from beeldpas.portal.store.grants import StoredGrant
from beeldpas.portal.store.share_studies import SharedStudy
from beeldpas.portal.store.shares import StoredShare
from beeldpas.portal.store.staging import HowFar

Opened = tuple[StoredShare, tuple[SharedStudy, ...], tuple[StoredGrant, ...], dict[str, HowFar], dict[str, Progress]]


async def view_share(house: House, asker: Asker, share_id: str) -> ProviderView:
    """Return the share with what each hospital says of it. The look is in the log before a hospital is asked.

    Raises: NotFound; Refused(share_expired {date}, share_revoked).
    """

    async def work(deed: Deed) -> Opened | Refusal:
        stored = await shares.find(deed.connection, share_id)
        held = await grants.held(deed.connection, share_id, asker.receiver_key)
        if stored is None or not held:
            return Refusal(NOT_FOUND)
        deed.about_share(stored)
        seen = resources.share(stored, deed.now, [one.receiver_key for one in held])
        if refusal := deed.authorise(seen):
            return explain(refusal, stored)
        late = (await staging.how_far(deed.connection, "share", [share_id])).get(share_id, {})
        progress = await progress_of(deed.connection, share_id, {one.grant.handle for one in held})
        return stored, await share_studies.of_share(deed.connection, share_id), held, late, progress

    stored, studies, held, late, progress = await perform(house, asker, Action.VIEW_SHARE, work)
    wanted = {one.grant.gateway_id: sorted(one.grant.studies) for one in held}
    confirmed = {one.grant.gateway_id: one.confirmed for one in held if one.confirmed is not None}
    question = ask_for_provider(house, asker, held[0].relation)
    previews = await ask_hospitals(house, wanted, asker.language, question, confirmed)
    return as_provider_sees(house, stored, studies, held, previews, late, progress)
