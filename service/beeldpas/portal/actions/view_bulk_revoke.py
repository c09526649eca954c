"""Whoever is asked to confirm a bulk revocation sees who proposed what, and how much it is about: counts only."""

from dataclasses import dataclass

from beeldpas.domain.actions import Action
from beeldpas.portal.actions import bulk_targets, resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.bulk_targets import Counts
from beeldpas.portal.actions.frame import Deed, Refusal, perform
from beeldpas.portal.actions.looking_up import too_many
from beeldpas.portal.actions.propose_bulk_revoke import read_number
from beeldpas.portal.house import House
from beeldpas.portal.store import bulk_revocations
from beeldpas.portal.store.bulk_revocations import BulkRevocation


@dataclass(frozen=True, slots=True)
class ProposalView:
    """A proposal as it stands (open, confirmed, expired), what it would stop now, and whether it is one's own."""

    proposal: BulkRevocation
    state: str
    counts: Counts
    is_own: bool


async def view_bulk_revoke(house: House, asker: Asker, number: str) -> ProposalView:
    """Return the proposal with this number. Raises: NotFound; Refused(bulk_unknown, too_many_lookups)."""
    wanted = read_number(number)

    async def work(deed: Deed) -> ProposalView | Refusal:
        if refusal := await too_many(deed):
            return refusal
        if refusal := deed.authorise(resources.door("staff")):
            return refusal
        proposal = await bulk_revocations.find(deed.connection, wanted)
        if proposal is None:
            return Refusal("bulk_unknown")
        counts = await bulk_targets.count(deed, proposal.target_kind, proposal.target)
        deed.details = {"bulk": proposal.number}
        return ProposalView(proposal, proposal.state(deed.now), counts, proposal.proposed_by == asker.subject)

    return await perform(house, asker, Action.VIEW_BULK_REVOKE, work)
