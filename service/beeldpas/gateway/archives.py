"""Archives that were laid out lately, so that a browser that resumes, or asks for the length first, pays once."""

from collections import OrderedDict

from joserfc.jwk import KeySet, OKPKey
from sqlalchemy.ext.asyncio import AsyncEngine

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import NotFound
from beeldpas.gateway.archive import Archive, build
from beeldpas.gateway.index import held
from beeldpas.gateway.leases import Lease
from beeldpas.gateway.readme import Giver

_MOST_PIECES = 200_000


class Archives:
    """Lays out the archive of a lease; keeps the latest ones, up to a bounded number of pieces."""

    def __init__(self, engine: AsyncEngine, giver: Giver, keys: KeySet) -> None:
        self._engine = engine
        self._giver = giver
        self._keys = keys
        self._kept: OrderedDict[tuple[object, ...], Archive] = OrderedDict()

    async def of(self, lease: Lease) -> Archive:
        """Return the archive as the lease pins it. Raises: NotFound when nothing of it is (still) served here."""
        async with transaction(self._engine) as connection:
            studies = await held(connection, lease.studies, lease.generation)
        if not studies:
            raise NotFound
        served = tuple((study.uid, len(study.instances)) for study in studies)
        name = (served, lease.generation, lease.language, lease.key_id)
        if name not in self._kept:
            self._kept[name] = build(studies, self._giver, lease.language, self._key(lease.key_id))
        self._kept.move_to_end(name)
        self._forget_oldest()
        return self._kept[name]

    def _key(self, key_id: str) -> OKPKey:
        """Return the key of the lease, or the newest when that one was taken out of use."""
        found = next((key for key in self._keys.keys if key.kid == key_id), self._keys.keys[0])
        assert isinstance(found, OKPKey)  # noqa: S101  (the gateway's keys are Ed25519)
        return found

    def _forget_oldest(self) -> None:
        while len(self._kept) > 1 and sum(len(kept.pieces.sources) for kept in self._kept.values()) > _MOST_PIECES:
            self._kept.popitem(last=False)
