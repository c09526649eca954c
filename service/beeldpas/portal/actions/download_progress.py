"""How far the downloads of one care provider are, from what the hospitals' gateways reported of them.

A page asks this every few seconds by itself. Only the look at the share that showed the page is in the log: lines
about a page that looks again would bury what the patient wants to find there.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.audit import log
from beeldpas.audit.events import Reader, Use
from beeldpas.database.engine import transaction
from beeldpas.domain.actions import Action
from beeldpas.domain.errors import NotFound
from beeldpas.policy.decision import Question
from beeldpas.portal.actions import resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import Refusal
from beeldpas.portal.actions.refusals import explain
from beeldpas.portal.house import House
from beeldpas.portal.store import grants, shares


@dataclass(frozen=True, slots=True)
class Progress:
    """The newest word about one hospital's download. `outcome` is running, completed, cut or revoked.

    `bytes` is what went out until the end; nothing is known of it while it runs.
    """

    hospital: str
    outcome: str
    at: datetime
    bytes: int


async def download_progress(house: House, asker: Asker, share_id: str) -> Mapping[str, Progress]:
    """Return the newest word by grant, of this care provider's own downloads.

    Raises: NotFound; Refused(share_expired {date}, share_revoked, share_suspended).
    """
    async with transaction(house.engine) as connection:
        stored = await shares.find(connection, share_id)
        held = await grants.held(connection, share_id, asker.receiver_key)
        if stored is None or not held:
            raise NotFound
        seen = resources.share(stored, house.clock(), [one.receiver_key for one in held])
        decision = house.policies.decide(Question(asker.as_subject(), Action.VIEW_SHARE, seen))
        if not decision.allowed:
            raise explain(Refusal(decision.refusal or "not_found"), stored).as_error()
        return await progress_of(connection, share_id, {one.grant.handle for one in held})


async def progress_of(connection: AsyncConnection, share_id: str, handles: Collection[str]) -> dict[str, Progress]:
    """Return the newest word about each of these grants, for who holds them."""
    newest: dict[str, Progress] = {}
    for record in await log.of_share_and_kind(connection, Reader.PATIENT, share_id, Use.DOWNLOAD):
        handle, size = str(record["grant"]), record["bytes"]
        if handle not in handles or handle in newest:
            continue
        newest[handle] = Progress(
            hospital=str(record["hospital"]),
            outcome=str(record["outcome"]),
            at=datetime.fromisoformat(str(record["at"])),
            bytes=size if isinstance(size, int) else 0,
        )
    return newest
