"""What a bulk revocation is about: all that one organisation took, or all that one care provider holds."""

import re
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.domain.errors import Malformed
from beeldpas.portal.actions.frame import Deed
from beeldpas.portal.store import grant_holds, grants, holds, organisations, shares
from beeldpas.portal.store.bulk_revocations import BulkRevocation, TargetKind
from beeldpas.portal.store.grant_holds import Holders
from beeldpas.portal.store.shares import StoredShare

ORGANISATION: TargetKind = "organisation"
PROVIDER: TargetKind = "provider"
_NUMBER_DIGITS = 9  # as the care login's numbers are kept: without it, one typed without its zeros would stop nothing
_URA, _NUMBER = re.compile(r"[0-9]{1,8}"), re.compile(r"[0-9A-Za-z-]{4,40}")


@dataclass(frozen=True, slots=True)
class Counts:
    """How much it is about: shares that an organisation took, and grants that end beside those. No names."""

    shares: int
    grants: int


@dataclass(frozen=True, slots=True)
class Stopped:
    """What was stopped: whole shares, and the shares of which only some grants ended; the hospitals to be told."""

    shares: tuple[StoredShare, ...]
    touched: tuple[StoredShare, ...]
    hospitals: tuple[str, ...]
    counts: Counts


def parse_target(kind: str, text: str) -> tuple[TargetKind, str]:
    """Read whose shares and grants to stop: a URA, or a number in the register of care professionals.

    Raises: Malformed("bulk_target").
    """
    plain = "".join(text.split())
    if kind == ORGANISATION and _URA.fullmatch(plain):
        return ORGANISATION, plain.zfill(8)
    if kind == PROVIDER and _NUMBER.fullmatch(plain):
        return PROVIDER, plain.zfill(_NUMBER_DIGITS) if plain.isdecimal() else plain
    raise Malformed("bulk_target")


async def count(deed: Deed, kind: TargetKind, target: str) -> Counts:
    """Return what would be stopped now."""
    held = await grant_holds.count_held(deed.connection, _holders(kind, target), deed.now)
    if kind == PROVIDER:
        return Counts(0, held)
    return Counts(await holds.count_of_organisation(deed.connection, f"ura:{target}", deed.now), held)


async def stop(deed: Deed, proposal: BulkRevocation) -> Stopped:
    """Stop it all, on the deed's transaction: shares first, so that nobody redeems one in between.

    Where an organisation came second, the patient's yes to it ends too: code and PIN bring it no new grant there.
    """
    connection, now = deed.connection, deed.now
    if proposal.target_kind == ORGANISATION:
        await organisations.refuse_everywhere(connection, f"ura:{proposal.target}")
    taken = await _shares(connection, proposal, deed)
    hospitals: list[str] = []
    for share in taken:
        hospitals += await grants.end_share(connection, share.share_id, now)
    of_shares = len(hospitals)
    rest = await grant_holds.end_held(connection, _holders(proposal.target_kind, proposal.target), now)
    hospitals += [gateway_id for _, gateway_id in rest]
    touched = await shares.find_many(connection, {share_id for share_id, _ in rest})
    return Stopped(taken, touched, tuple(hospitals), Counts(len(taken), of_shares + len(rest)))


async def _shares(connection: AsyncConnection, proposal: BulkRevocation, deed: Deed) -> tuple[StoredShare, ...]:
    if proposal.target_kind == PROVIDER:
        return ()  # colleagues of the same organisation go on with theirs
    return await holds.revoke_of_organisation(connection, f"ura:{proposal.target}", deed.now)


def _holders(kind: TargetKind, target: str) -> Holders:
    return Holders(ura=target) if kind == ORGANISATION else Holders(receiver_prefix=f"provider:{target}@")
