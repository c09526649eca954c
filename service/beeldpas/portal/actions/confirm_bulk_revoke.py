"""A second person confirms a bulk revocation: everything that it is about ends at once, and each patient is told."""

from beeldpas.domain.actions import Action
from beeldpas.domain.stopping import INCIDENT
from beeldpas.portal.actions import bulk_targets, resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.bulk_targets import Counts, Stopped
from beeldpas.portal.actions.frame import Deed, Refusal, perform, record_also
from beeldpas.portal.actions.own_share import MOVED_ON
from beeldpas.portal.actions.pausing import tell
from beeldpas.portal.actions.propose_bulk_revoke import details, read_number
from beeldpas.portal.house import House
from beeldpas.portal.notify.notice import NoticeKind
from beeldpas.portal.store import bulk_revocations, staging, statuses
from beeldpas.portal.store.bulk_revocations import BulkRevocation


async def confirm_bulk_revoke(house: House, asker: Asker, number: str) -> Counts:
    """Stop what the proposal is about, as it is now, and return how much that was.

    Raises: NotFound; Refused(bulk_unknown, step_up_needed, four_eyes_needed, bulk_over); Conflict("two_tabs").
    """
    wanted = read_number(number)

    async def work(deed: Deed) -> Counts | Refusal:
        proposal = await bulk_revocations.find(deed.connection, wanted)
        if proposal is None:
            return Refusal("bulk_unknown")
        seconds = asker.authenticated_seconds(deed.now)
        seen = resources.bulk_revocation(proposal, deed.now)
        if refusal := deed.authorise(seen, authenticated_seconds=seconds):
            return refusal
        if not await bulk_revocations.confirm(deed.connection, proposal.number, deed.now):
            return MOVED_ON
        stopped = await bulk_targets.stop(deed, proposal)
        await statuses.mark_changed(deed.connection, stopped.hospitals)
        await _tell(deed, proposal, stopped)
        deed.details = details(proposal, stopped.counts)
        return stopped.counts

    return await perform(house, asker, Action.CONFIRM_BULK_REVOKE, work)


async def _tell(deed: Deed, proposal: BulkRevocation, stopped: Stopped) -> None:
    """Write it into each patient's log; who lost a whole share is told by mail too."""
    ground = {"why": proposal.why, "incident": proposal.incident, "bulk": proposal.number}
    for share in stopped.shares:
        await staging.keep_until(deed.connection, "share", share.share_id, deed.now, deed.now)
        await record_also(deed, Action.REVOKE_SHARE, share, {**ground, "ground": INCIDENT})
        await tell(deed, NoticeKind.HELPDESK_REVOKED, share, proposal.why)
    for share in stopped.touched:
        await record_also(deed, Action.CONFIRM_BULK_REVOKE, share, {**ground})
