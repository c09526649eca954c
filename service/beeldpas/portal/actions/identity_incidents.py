"""A study that contradicts the others about whose it is: noted as an incident, and told to its hospital.

The line in the log names both sources and no patient: it is about the hospitals, and for those who keep watch.
"""

from collections.abc import Sequence
from uuid import uuid4

from beeldpas.audit import log
from beeldpas.audit.event import Actor, Event
from beeldpas.audit.events import Upkeep
from beeldpas.database.engine import transaction
from beeldpas.domain.errors import NotFound, Unavailable
from beeldpas.domain.identity import Doubt
from beeldpas.formats.question import Question
from beeldpas.portal.house import House
from beeldpas.portal.store import incidents

PORTAL = "portal"


async def note(house: House, doubts: Sequence[Doubt], question: Question) -> None:
    """Note doubts once, each with a line in the log, and tell the hospitals that do not know yet.

    One that does not answer is told the next time that somebody looks. Raises: Unavailable("database").
    """
    if not doubts:
        return
    async with transaction(house.engine) as connection:
        for one in await incidents.note(connection, doubts, house.clock()):
            await log.append(connection, _event(house, one))
        untold = await incidents.untold(connection, doubts)
    told = [one for one in untold if await _tell(house, one, question)]
    if told:
        async with transaction(house.engine) as connection:
            await incidents.note_told(connection, told, house.clock())


async def _tell(house: House, one: Doubt, question: Question) -> bool:
    try:
        await house.gateways.doubt(one, question)
    except (Unavailable, NotFound):
        return False
    return True


def _event(house: House, one: Doubt) -> Event:
    return Event(
        event_id=str(uuid4()),
        at=house.clock(),
        kind=Upkeep.IDENTITY_DOUBTED,
        outcome="done",
        actor=Actor(kind="program", subject=house.settings.base_url),
        source=PORTAL,
        purpose="HOPERAT",
        details={
            "studies": [one.study_uid],
            "hospital": one.hospital,
            "against": list(one.against),
            "attribute": one.attribute.value,
            "outvoted": one.is_outvoted,
        },
    )
