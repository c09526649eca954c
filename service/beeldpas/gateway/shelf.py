"""Studies that were asked for lately: a viewer fetches one instance after another of the same study."""

from collections import OrderedDict

from sqlalchemy.ext.asyncio import AsyncEngine

from beeldpas.database.engine import transaction
from beeldpas.gateway.changes import not_for
from beeldpas.gateway.holdings import HeldStudy
from beeldpas.gateway.index import are_served, held
from beeldpas.gateway.indexing import generation
from beeldpas.gateway.release import Onlooker

_MOST_INSTANCES = 50_000


class Shelf:
    """The index, study by study; what it keeps is as old as the index is, and never a withheld study."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._kept: OrderedDict[tuple[str, int, Onlooker], HeldStudy] = OrderedDict()

    async def study(self, uid: str, onlooker: Onlooker, confirmed: int | None = None) -> HeldStudy | None:
        """Return what the onlooker may see of a study now; None for nothing, or when it moved since `confirmed`."""
        async with transaction(self._engine) as connection:
            if await not_for(connection, [uid], confirmed):
                return None
            name = uid, await generation(connection), onlooker
            if name in self._kept and await are_served(connection, [uid], onlooker):
                self._kept.move_to_end(name)
                return self._kept[name]
            found = await held(connection, [uid], onlooker)
        if not found:
            return None
        self._kept[name] = found[0]
        while len(self._kept) > 1 and sum(len(study.instances) for study in self._kept.values()) > _MOST_INSTANCES:
            self._kept.popitem(last=False)
        return found[0]
