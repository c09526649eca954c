"""Telling the hospitals, as long as the portal runs: what waits in the table is told until it is known.

A hospital that does not answer holds nobody else up; one that is still fetching is asked again how far it is.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

import structlog

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import NotFound, Unavailable
from beeldpas.portal.house import House
from beeldpas.portal.registries.staging import Told, tell
from beeldpas.portal.store import staging
from beeldpas.portal.store.staging import Hold

_PAUSE_SECONDS = 0.5
_AT_ONCE = 200
_SOON, _LATER = timedelta(seconds=2), timedelta(seconds=20)
_YOUNG = timedelta(minutes=2)
log = structlog.get_logger()


async def run(house: House) -> None:
    """Tell until cancelled."""
    while True:
        try:
            await tell_due(house)
        except Unavailable:
            log.warning("staging_database_unavailable")
        await asyncio.sleep(_PAUSE_SECONDS)


async def tell_due(house: House) -> int:
    """Tell what is due, once; return how many holds the hospitals know now."""
    async with transaction(house.engine) as connection:
        due = await staging.due(connection, house.clock(), _AT_ONCE)
    by_hospital: dict[str, list[Hold]] = defaultdict(list)
    for hold in due:
        by_hospital[hold.gateway_id].append(hold)
    return sum(await asyncio.gather(*(_tell_one(house, holds) for holds in by_hospital.values())))


async def _tell_one(house: House, holds: Sequence[Hold]) -> int:
    """Tell one hospital; when it does not answer, everything that waits for it waits longer."""
    for done, hold in enumerate(holds):
        try:
            told = await tell(house.gateways, hold)
        except (Unavailable, NotFound) as error:
            log.warning("hospital_not_told", gateway=hold.gateway_id, reason=error.reason)
            async with transaction(house.engine) as connection:
                await staging.postpone(connection, holds[done:], house.clock())
            return done
        await _note(house, hold, told)
    return len(holds)


async def _note(house: House, hold: Hold, told: Told) -> None:
    now = house.clock()
    is_over = hold.until <= now or all(one["state"] in ("held", "missing") for one in told.values())
    wait = _SOON if now - hold.made_at < _YOUNG else _LATER
    async with transaction(house.engine) as connection:
        await staging.note(connection, hold, told, None if is_over else now + wait)
