"""Publishing: bringing the registry up to what the index has, in batches, from where the last run stopped.

A study that may not be seen any more is withdrawn. One that the registry refuses does not keep the others back: its
batch is halved until it stands alone. *Source:* docs/wire.md §2.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from sqlalchemy.ext.asyncio import AsyncEngine

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import Malformed, Refused
from beeldpas.formats.fhir import bundles, text
from beeldpas.formats.fhir.publication import PublishedReport, PublishedStudy, PublishingHospital
from beeldpas.formats.jose import load_keys
from beeldpas.gateway import identities
from beeldpas.gateway.identities import Fingerprinting
from beeldpas.gateway.publishable import Own, are_publishable, studies_after
from beeldpas.gateway.registry_client import RegistryClient
from beeldpas.gateway.settings import GatewaySettings
from beeldpas.gateway.store.published import Told, remember, told_after, told_of
from beeldpas.web.outbound import open_client
from beeldpas.web.pseudonyms import AskedPseudonyms

BATCH = 100
MOST_LISTED = 20_000  # instances in one message, unless one study has more: some 3 MB
_DEADLINE_SECONDS = 30.0
Progress = Callable[[int], None]
Heard = Callable[[Sequence[PublishedStudy]], None]


@dataclass(frozen=True, slots=True)
class Published:
    """How a run went: studies told, withdrawn, left as they were, and refused by the registry with its reason."""

    told: int = 0
    withdrawn: int = 0
    unchanged: int = 0
    refused: tuple[tuple[str, str], ...] = ()

    @property
    def words(self) -> str:
        """Say it on one line."""
        return f"{self.told} told, {self.withdrawn} withdrawn, {self.unchanged} unchanged"


async def publish(
    settings: GatewaySettings,
    engine: AsyncEngine,
    clock: Callable[[], datetime],
    progress: Progress = lambda _done: None,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    *,
    again: bool = False,
    heard: Heard = lambda _taken: None,
) -> Published:
    """Publish what changed since the last run; `progress` hears how many studies were looked at.

    With `again`, publish everything: for a registry that lost what it had, or has a new key for pseudonyms. `heard`
    is told of studies, withdrawn ones too, once the registry has taken them.

    Raises: Malformed("no_registry") without one in the settings; Refused when the registry does not take this
    hospital; Unavailable("registry" | "pseudonyms") when one gave no answer: what was taken until then stays
    taken.
    """
    if settings.registry is None:
        raise Malformed("no_registry")
    hospital = own_hospital(settings)
    told = settings.registry
    own = Own(told.publication_basis, frozenset({settings.hospital.casefold()}), told.publish_instances)
    address = settings.registry.base_url
    async with open_client(hosts=[address], ca_file=settings.ca_file, deadline=_DEADLINE_SECONDS) as client:
        registry = RegistryClient(address, settings.base_url, load_keys(settings.key_file), client, clock, pause)
        async with _making(settings, clock) as making:
            return await _Run(engine, registry, hospital, own, clock, progress, again, heard, making).all()


def own_hospital(settings: GatewaySettings) -> PublishingHospital:
    """Say who publishes."""
    return PublishingHospital(settings.gateway_id, settings.hospital, settings.ura, settings.base_url)


@asynccontextmanager
async def _making(settings: GatewaySettings, clock: Callable[[], datetime]) -> AsyncIterator[Fingerprinting | None]:
    if settings.pseudonyms is None:
        yield None
        return
    keys = load_keys(settings.key_file)
    making = AskedPseudonyms(
        settings.pseudonyms, caller=settings.base_url, keys=keys, clock=clock, ca_file=settings.ca_file
    )
    try:
        yield making
    finally:
        await making.close()


class _Run:
    """One run over the whole index."""

    def __init__(
        self,
        engine: AsyncEngine,
        registry: RegistryClient,
        hospital: PublishingHospital,
        own: Own,
        clock: Callable[[], datetime],
        progress: Progress,
        again: bool,
        heard: Heard,
        making: Fingerprinting | None,
    ) -> None:
        self._engine = engine
        self._registry = registry
        self._hospital = hospital
        self._own = own
        self._clock = clock
        self._progress = progress
        self._again = again
        self._heard = heard
        self._making = making
        self._done = Published()
        self._looked_at = 0

    async def all(self) -> Published:
        # First the endpoint alone: a registry that does not know us should say so once, not per study.
        await self._registry.send(bundles.transaction(self._hospital, []))
        async for batch, unchanged in self._changed():
            sent = await self._send(batch)
            self._done = replace(self._done, told=self._done.told + sent, unchanged=self._done.unchanged + unchanged)
        async for batch in self._no_longer():
            sent = await self._send(batch)
            self._done = replace(self._done, withdrawn=self._done.withdrawn + sent)
        return self._done

    async def _changed(self) -> AsyncIterator[tuple[list[PublishedStudy], int]]:
        """The studies of the index that the registry does not know like this, and how many it does."""
        last = ""
        while True:
            async with transaction(self._engine) as connection:
                page = await studies_after(connection, last, BATCH, self._own, self._clock())
                told = await told_of(connection, [study.study_uid for study in page])
                people = await identities.told_of(connection, [study.study_uid for study in page])
            if not page:
                return
            if self._making is not None:
                prints = await identities.fingerprints(people, self._making)
                page = [replace(study, fingerprints=prints[study.study_uid]) for study in page]
            last = page[-1].study_uid
            changed = [study for study in page if not self._is_known(study, told.get(study.study_uid))]
            yield (
                [_without_lost_reports(study, told.get(study.study_uid)) for study in changed],
                len(page) - len(changed),
            )
            self._count(len(page))

    async def _no_longer(self) -> AsyncIterator[list[PublishedStudy]]:
        """What stands in the registry and must not any more."""
        last = ""
        while True:
            async with transaction(self._engine) as connection:
                page = await told_after(connection, last, BATCH)
                fine = await are_publishable(connection, [one.study_uid for one in page], self._clock())
            if not page:
                return
            last = page[-1].study_uid
            yield [_withdrawal(one, self._own) for one in page if one.study_uid not in fine]

    def _is_known(self, study: PublishedStudy, told: Told | None) -> bool:
        return not self._again and told is not None and not told.withdrawn and told.digest == self._digest(study)

    def _digest(self, study: PublishedStudy) -> str:
        return sha256(text.render(bundles.transaction(self._hospital, [study])).encode()).hexdigest()

    async def _send(self, batch: Sequence[PublishedStudy]) -> int:
        """Send a batch and note what was taken; a batch that is refused is halved. Returns how many were taken."""
        if not batch:
            return 0
        if len(batch) > 1 and sum(study.listed for study in batch) > MOST_LISTED:
            return await self._send_halves(batch)
        try:
            await self._registry.send(bundles.transaction(self._hospital, batch))
        except (Malformed, Refused) as error:
            if len(batch) > 1:
                return await self._send_halves(batch)
            refusal = (batch[0].study_uid, str(error.detail.get("where", "")))
            self._done = replace(self._done, refused=(*self._done.refused, refusal))
            return 0
        async with transaction(self._engine) as connection:
            await remember(connection, [self._told(study) for study in batch], self._clock())
        self._heard(batch)
        return len(batch)

    async def _send_halves(self, batch: Sequence[PublishedStudy]) -> int:
        half = len(batch) // 2
        return await self._send(batch[:half]) + await self._send(batch[half:])

    def _told(self, study: PublishedStudy) -> Told:
        living = replace(study, reports=tuple(one for one in study.reports if one.status != "entered-in-error"))
        reports = tuple(one.sop_uid for one in living.reports)
        return Told(study.study_uid, study.bsn, reports, self._digest(living), study.withdrawn)

    def _count(self, studies: int) -> None:
        self._looked_at += studies
        self._progress(self._looked_at)


def _without_lost_reports(study: PublishedStudy, told: Told | None) -> PublishedStudy:
    """Say of reports that were told and are there no more that they are withdrawn."""
    living = {report.sop_uid for report in study.reports}
    lost = [uid for uid in (told.reports if told else ()) if uid not in living]
    gone = tuple(PublishedReport(uid, "entered-in-error", None) for uid in lost)
    return replace(study, reports=(*study.reports, *gone))


def _withdrawal(told: Told, own: Own) -> PublishedStudy:
    return PublishedStudy(
        study_uid=told.study_uid,
        bsn=told.bsn,
        basis=own.basis,
        origin=False,
        accession="",
        started=None,
        description="",
        procedure="",
        series=(),
        reports=tuple(PublishedReport(uid, "entered-in-error", None) for uid in told.reports),
        withdrawn=True,
    )
