"""Archives that were laid out lately, so that a browser that resumes, or asks for the length first, pays once."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from joserfc.jwk import KeySet, OKPKey
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import NotFound, Refused
from beeldpas.gateway.amendments import replaced
from beeldpas.gateway.archive import Archive, build
from beeldpas.gateway.changes import Changes, not_for, require_unchanged, since
from beeldpas.gateway.index import are_served, held
from beeldpas.gateway.indexing import generation
from beeldpas.gateway.leases import Lease
from beeldpas.gateway.own_rules import Asking, OwnRules
from beeldpas.gateway.readme import Giver

_MOST_PIECES = 200_000


class Archives:
    """Lays out the archive of a lease; keeps the latest ones, up to a bounded number of pieces."""

    def __init__(
        self, engine: AsyncEngine, giver: Giver, keys: KeySet, rules: OwnRules, clock: Callable[[], datetime]
    ) -> None:
        self._engine = engine
        self._giver = giver
        self._keys = keys
        self._rules = rules
        self._clock = clock
        self._kept: OrderedDict[tuple[object, ...], Archive] = OrderedDict()

    async def of(self, lease: Lease) -> Archive:
        """Return the archive as the lease pins it.

        Raises: NotFound when nothing of it is (still) served here; Refused("hospital_forbids") when the hospital's
        own rules leave nothing of it; Conflict("download_changed") when something of it may not be given any more.
        """
        async with transaction(self._engine) as connection:
            # What is withheld, and where files lie, may have changed; the selection itself has not.
            held_back = await self._held_back(connection, lease)
            served, now = await _served(connection, lease, held_back), await generation(connection)
            changes = replace(await _changes(connection, lease, served), held_back=len(held_back))
            name = (served, lease.generation, now, lease.language, lease.key_id, changes, lease.onlooker)
            if name in self._kept:
                self._kept.move_to_end(name)
                return self._kept[name]
            studies = await held(connection, served, lease.onlooker, lease.generation)
        if not studies:
            raise NotFound
        key = self._key(lease.key_id)
        archive = await asyncio.to_thread(build, studies, self._giver, lease.language, key, changes)
        self._kept[name] = archive
        self._forget_oldest()
        return archive

    async def served(self, lease: Lease) -> tuple[str, ...]:
        """Return which studies of the lease are given now. Raises: as `of` does, where nothing is laid out."""
        async with transaction(self._engine) as connection:
            return await _served(connection, lease, await self._held_back(connection, lease))

    async def _held_back(self, connection: AsyncConnection, lease: Lease) -> frozenset[str]:
        permitted = await self._rules.permitted(connection, lease.studies, Asking.of_lease(lease), self._clock())
        if not permitted:
            raise Refused("hospital_forbids")
        return frozenset(lease.studies) - permitted

    def _key(self, key_id: str) -> OKPKey:
        """Return the key of the lease, or the newest when that one was taken out of use."""
        found = next((key for key in self._keys.keys if key.kid == key_id), self._keys.keys[0])
        assert isinstance(found, OKPKey)  # noqa: S101  (the gateway's keys are Ed25519)
        return found

    def _forget_oldest(self) -> None:
        while len(self._kept) > 1 and sum(len(kept.pieces.sources) for kept in self._kept.values()) > _MOST_PIECES:
            self._kept.popitem(last=False)


async def _served(connection: AsyncConnection, lease: Lease, held_back: frozenset[str]) -> tuple[str, ...]:
    """Return which studies of the lease it gives: not those that moved to another patient before it was made.

    Nor those that the hospital keeps back by its own rules.
    """
    moved = await not_for(connection, lease.studies, lease.confirmed_generation)
    wanted = [uid for uid in lease.studies if uid not in moved | held_back]
    await require_unchanged(connection, lease.studies, lease.generation, lease.onlooker)
    return await are_served(connection, wanted, lease.onlooker, lease.generation)


async def _changes(connection: AsyncConnection, lease: Lease, studies: tuple[str, ...]) -> Changes:
    return Changes(
        await since(connection, studies, lease.confirmed_generation, lease.generation, lease.onlooker),
        await since(connection, studies, lease.earlier_generation, lease.generation, lease.onlooker),
        tuple(sorted((await replaced(connection, studies, lease.onlooker, lease.generation)).items())),
    )
