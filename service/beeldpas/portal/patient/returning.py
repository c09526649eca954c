"""What waits for somebody who signs in: how they want the pages, a share half-way, and that everything was paused."""

from collections.abc import Sequence
from typing import Any

from beeldpas.database.engine import transaction
from beeldpas.portal.actions.suspend_all import EVERYTHING
from beeldpas.portal.house import House
from beeldpas.portal.patient.draft import KEY, RESTORED, seal_of
from beeldpas.portal.patient.preferences import as_values
from beeldpas.portal.store import drafts, holds, preferences

ALL_PAUSED = "all_paused"


async def waiting_for(house: House, names: Sequence[str], acting: str) -> dict[str, Any]:
    """Return what the session of this visitor begins with besides who they are. Raises: Unavailable("database").

    `names` are the patient's; `acting` is the name of who stands in for them, or "".
    """
    async with transaction(house.engine) as connection:
        wanted = await preferences.find(connection, [acting] if acting else names)
        paused = await holds.is_paused_for(connection, names, EVERYTHING, house.clock())
        draft = await drafts.find(connection, seal_of(house), names, acting, house.clock())
    begun = {KEY: draft, RESTORED: True} if draft else {}
    return {**as_values(wanted), **begun, **({ALL_PAUSED: True} if paused else {})}
