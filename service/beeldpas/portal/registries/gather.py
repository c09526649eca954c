"""One history out of all registries and hospitals: asked at once, each with its own deadline; none waits for another.

The registries say who holds what; a hospital is asked what it has right now as soon as the first registry names it.
Studies that are named while it is being asked go into its next question. A source that is late or broken is named,
and what only it could confirm is shown as unconfirmed. What is known can be read at any moment, and waited for.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol

from beeldpas.domain.bsn import BSN
from beeldpas.domain.identity import Claim
from beeldpas.domain.timeline import Timeline
from beeldpas.portal.directory import Directory
from beeldpas.portal.registries.asking import Failure, ask
from beeldpas.portal.registries.assembling import Hospital, assembled
from beeldpas.portal.registries.breaker import Breakers
from beeldpas.portal.registries.comparing import compared
from beeldpas.portal.registries.held import GatewayPreview
from beeldpas.portal.registries.port import Registry, RegistryAnswer
from beeldpas.portal.registries.question import Question

_ASKED = Failure("asked", "")


class Previews(Protocol):
    """Through whom the hospitals are asked."""

    async def preview(
        self, gateway_id: str, studies: Sequence[str], language: str, question: Question
    ) -> GatewayPreview:
        """Return what a hospital holds of these studies. Raises: NotFound, Unavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Sources:
    """Who is asked, and who of them is left alone for a while."""

    registries: Sequence[Registry]
    hospitals: Previews
    directory: Directory
    breakers: Breakers


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Whose history is asked for, in whose name and in which language; `deadline_s` holds for each question.

    `insists`: who is left alone for a while is tried too.
    """

    bsn: BSN = field(repr=False)
    question: Question
    language: str
    deadline_s: float
    insists: bool = False


class Gathering:
    """A history that comes together: `run` asks everybody, `timeline` says what is known by now."""

    def __init__(self, sources: Sources, inquiry: Inquiry) -> None:
        self._sources = sources
        self._inquiry = inquiry
        self._told: dict[str, RegistryAnswer | Failure] = {one.name: _ASKED for one in sources.registries}
        self._hospitals = defaultdict[str, Hospital](Hospital)
        self._voices = _Voices()
        self._unasked = set[tuple[str, str]]()
        self._named = set[tuple[str, str]]()
        self._stirred = asyncio.Event()
        self._known: tuple[int, Timeline] | None = None
        self.version = 0
        self.has_studies = False
        self.is_over = False

    async def run(self) -> None:
        """Ask until everybody answered or had their time."""
        try:
            async with asyncio.TaskGroup() as group:
                for registry in self._sources.registries:
                    group.create_task(self._ask_registry(registry, group))
            self._stir()
            self._known = self.version, self.timeline()
            self._told, self._hospitals = {}, defaultdict(Hospital)  # the answers: the history is what stays of them
        finally:
            self.is_over = True
            self._stirred.set()

    def timeline(self) -> Timeline:
        """Return what is known by now; who has not answered yet is a source in the state "asked"."""
        if self._known is None or self._known[0] != self.version:
            self._known = self.version, assembled(self._told, self._hospitals, self._sources.directory)
        return self._known[1]

    async def wait_for_more(self, than: int) -> None:
        """Wait until more is known than in this version, or nothing more will be."""
        while self.version == than and not self.is_over:
            await self._stirred.wait()

    async def wait_for_studies(self) -> None:
        """Wait until there is a study to show, or nothing more will come."""
        while not self.has_studies and not self.is_over:
            await self._stirred.wait()

    async def _ask_registry(self, registry: Registry, group: asyncio.TaskGroup) -> None:
        asked = self._inquiry
        breaker = self._sources.breakers.of(f"registry {registry.name}")
        search = partial(registry.search, asked.bsn, asked.question)
        answer = await ask(registry.name, search, asked.deadline_s, breaker, insists=asked.insists)
        self._told[registry.name] = answer
        if isinstance(answer, RegistryAnswer):
            self._take(answer, group)
        self._stir()

    def _take(self, answer: RegistryAnswer, group: asyncio.TaskGroup) -> None:
        """Have every hospital asked about the studies that nobody named before and nobody doubts by now."""
        self.has_studies = self.has_studies or bool(answer.studies)
        named = {(holding.gateway_id, study.uid) for study in answer.studies for holding in study.holdings}
        self._unasked |= named - self._named
        self._named |= named
        self._voices.hear(answer.claims)
        ready = self._unasked - self._voices.doubted()
        self._unasked -= ready
        for gateway_id, uid in ready:
            hospital = self._hospitals[gateway_id]
            hospital.waiting.add(uid)
            if not hospital.is_asked:
                hospital.is_asked = True
                group.create_task(self._ask_hospital(gateway_id, hospital))

    async def _ask_hospital(self, gateway_id: str, hospital: Hospital) -> None:
        """Ask about what waits, until nothing does or the hospital does not answer; more waits by then, perhaps."""
        asked, breaker = self._inquiry, self._sources.breakers.of(f"hospital {gateway_id}")
        while hospital.waiting and hospital.failure is None:
            studies, hospital.waiting = sorted(hospital.waiting), set()
            hospitals = self._sources.hospitals
            preview = partial(hospitals.preview, gateway_id, studies, asked.language, asked.question)
            hospital.take(studies, await ask(gateway_id, preview, asked.deadline_s, breaker, insists=asked.insists))
            self._stir()
        hospital.is_asked = False

    def _stir(self) -> None:
        self.version += 1
        self._stirred.set()
        self._stirred = asyncio.Event()


class _Voices:
    """What hospitals say of whose their studies are, as far as it was heard."""

    def __init__(self) -> None:
        self._claims = set[Claim]()
        self._kinds = set[Claim]()  # what each hospital says at all, of whichever study: few, and quickly compared
        self._agree = True

    def hear(self, claims: Sequence[Claim]) -> None:
        """Take more claims."""
        self._claims.update(claims)
        new = {replace(one, study_uid="") for one in claims} - self._kinds
        if new:
            self._kinds |= new
            self._agree = not compared(self._kinds)

    def doubted(self) -> frozenset[tuple[str, str]]:
        """Return (hospital, study) of what they contradict each other about."""
        if self._agree:
            return frozenset()
        return frozenset((one.hospital, one.study_uid) for one in compared(self._claims))


async def gather_timeline(
    registries: Sequence[Registry],
    gateways: Previews,
    directory: Directory,
    bsn: BSN,
    question: Question,
    language: str,
    deadline_s: float,
    breakers: Breakers | None = None,
) -> Timeline:
    """Return a person's whole history; `deadline_s` (seconds) holds for each question to a registry or hospital."""
    sources = Sources(registries, gateways, directory, breakers or Breakers())
    gathering = Gathering(sources, Inquiry(bsn, question, language, deadline_s))
    await gathering.run()
    return gathering.timeline()
