"""The helpdesk proposes to stop all that an organisation or a care provider holds; a second person confirms."""

from dataclasses import dataclass
from datetime import datetime
from secrets import token_bytes

from beeldpas.audit.leaf import Json
from beeldpas.domain import crockford
from beeldpas.domain.actions import Action
from beeldpas.domain.stopping import BULK_REASONS
from beeldpas.portal.actions import bulk_targets, resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.bulk_targets import Counts
from beeldpas.portal.actions.frame import Deed, Refusal, perform
from beeldpas.portal.house import House
from beeldpas.portal.store import bulk_revocations
from beeldpas.portal.store.bulk_revocations import LIFETIME, BulkRevocation, TargetKind

_NUMBER_BYTES, _NUMBER_CHARACTERS = 4, 6


@dataclass(frozen=True, slots=True)
class Proposal:
    """The number under which a colleague finds it, how much it is about now, and until when it can be confirmed."""

    number: str
    counts: Counts
    expires_at: datetime


async def propose_bulk_revoke(
    house: House, asker: Asker, *, target_kind: TargetKind, target: str, incident: str, why: str, note: str = ""
) -> Proposal:
    """Keep the proposal for an hour. Nothing is stopped yet.

    Raises: NotFound; Refused(step_up_needed, incident_missing, revoke_reason_missing).
    """
    reason = why if why in BULK_REASONS else ""

    async def work(deed: Deed) -> Proposal | Refusal:
        seconds = asker.authenticated_seconds(deed.now)
        door = resources.door("staff")
        if refusal := deed.authorise(door, incident=incident, why=reason, authenticated_seconds=seconds):
            return refusal
        number = crockford.encode(token_bytes(_NUMBER_BYTES), _NUMBER_CHARACTERS)
        proposal = BulkRevocation(
            number=number,
            target_kind=target_kind,
            target=target,
            incident=incident,
            why=reason,
            note=note,
            proposed_by=asker.subject,
            proposer=asker.name,
            proposed_at=deed.now,
            expires_at=deed.now + LIFETIME,
        )
        if not await bulk_revocations.propose(deed.connection, proposal):
            return Refusal("two_tabs", conflict=True)  # one number in a billion: try again
        counts = await bulk_targets.count(deed, target_kind, target)
        deed.details = details(proposal, counts)
        return Proposal(number, counts, proposal.expires_at)

    return await perform(house, asker, Action.PROPOSE_BULK_REVOKE, work)


def read_number(text: str) -> str:
    """Read a number as somebody said it; "" when no proposal can have it."""
    number = crockford.normalise(text)
    fits = len(number) == _NUMBER_CHARACTERS and all(sign in crockford.ALPHABET for sign in number)
    return number if fits else ""


def details(proposal: BulkRevocation, counts: Counts) -> dict[str, Json]:
    """Return what the log says of a proposal, and of what became of it."""
    return {
        "bulk": proposal.number,
        "target": f"{proposal.target_kind}:{proposal.target}",
        "incident": proposal.incident,
        "why": proposal.why,
        "note": proposal.note,
        "shares": counts.shares,
        "grants": counts.grants,
    }
