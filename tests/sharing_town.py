"""A portal with its real database, policies, keys and log, in a town of three hospitals that answer from memory.

Registries and hospitals are objects that fit the same ports as the real ones; everything behind an action is real.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from joserfc.jwk import KeySet
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.cast import ANNA, DEKKER, EVERS, FATIMA, NOORD, NOW, WEST, ZUID, Organisation, Person
from tests.memory_pseudonyms import MemoryPseudonyms

from beeldpas.database.engine import transaction
from beeldpas.domain.bsn import BSN
from beeldpas.domain.codes import PIN, ShareCode
from beeldpas.domain.errors import Unavailable
from beeldpas.domain.identity import Claim, Doubt
from beeldpas.domain.share import ShareTerms
from beeldpas.domain.study import Accession, DateGiven, Holding, Report, Study
from beeldpas.formats.jose import new_key
from beeldpas.formats.question import Question
from beeldpas.policy.decision import PolicyDecisionPoint
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.made_share import MadeShare
from beeldpas.portal.actions.make_share import make_share
from beeldpas.portal.actions.preview_share import Choice
from beeldpas.portal.actions.redeem_share import Redeemed, redeem_share
from beeldpas.portal.directory import Directory, Hospital
from beeldpas.portal.house import House
from beeldpas.portal.registries.held import GatewayPreview, Identity, ReportPreview, SeriesPreview, StudyPreview
from beeldpas.portal.registries.port import RegistryAnswer
from beeldpas.portal.secrets import Secrets
from beeldpas.portal.settings import PortalSettings
from beeldpas.portal.store import tables
from beeldpas.web.seal import Seal
from beeldpas.web.sessions import Sessions

PORTAL = "https://portal.example"
POLICIES = Path(__file__).parents[1] / "policies"
MIGRATIONS = Path(tables.__file__).parent / "migrations"
HEAD_CT, KNEE_MR, CHEST_CR, BRAMS_CT = "1.2.840.1", "1.2.840.2", "1.2.840.3", "1.2.840.99"
TERMS = ShareTerms("dr. Dekker, Kliniek De Linde", 14, "nl", True, "Graag een tweede mening.")


@dataclass(slots=True)
class Clock:
    """Time as the test wants it."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        """Let time pass: `pass_by(days=3)`."""
        self.now += timedelta(**time)


def hospital(organisation: Organisation) -> Hospital:
    """The directory's entry of a hospital of the story."""
    base = f"https://{organisation.gateway_id}.example"
    return Hospital(
        organisation.gateway_id, organisation.name, organisation.ura, base, Path("no-file"), "088 123 4567"
    )


HOSPITALS = tuple(hospital(one) for one in (NOORD, WEST, ZUID))


def study(uid: str, *at: Organisation, description: str = "CT schedel", modality: str = "CT") -> Study:
    """A study at these hospitals; the first made it."""
    holdings = tuple(
        Holding(
            one.gateway_id, one.name, one.ura, one is at[0], f"https://{one.gateway_id}.example", False, None, None
        )
        for one in at
    )
    reports = (Report(f"{uid}.7", (uid,), "final", "Verslag", date(2026, 5, 4)),)
    dates, orders = (DateGiven(date(2026, 5, 3), at[0].name, True),), (Accession("A1"),)
    return Study(uid, dates, (modality,), "HEAD", "", description, orders, holdings, (), reports, 12)


def previewed(uid: str, instances: int = 12, size: int = 6_000_000) -> StudyPreview:
    """What a hospital says that it would serve of a study."""
    series = (SeriesPreview(f"{uid}.1", 1, "CT", "axiaal", instances, size),)
    reports = (ReportPreview("pdf", "Verslag", f"{uid}.7", 20_000),)
    identity = Identity("Jansen^Anna", date(1952, 3, 8), "F", "4711", "noord")
    return StudyPreview(uid, instances, size, series, reports, identity)


@dataclass(slots=True)
class MemoryRegistry:
    """A registry that knows who has which studies."""

    studies: dict[str, tuple[Study, ...]]
    name: str = "lokaal"
    down: bool = False
    alone: tuple[Report, ...] = ()
    warnings: int = 0
    unreadable: int = 0
    asked: list[Question] = field(default_factory=list)
    claims: tuple[Claim, ...] = ()

    async def search(self, bsn: BSN, question: Question) -> RegistryAnswer:
        self.asked.append(question)
        if self.down:
            raise Unavailable(self.name)
        known = self.studies.get(bsn.reveal(), ())
        return RegistryAnswer(known, self.unreadable, reports=self.alone, warnings=self.warnings, claims=self.claims)


@dataclass(slots=True)
class MemoryGateways:
    """The hospitals' previews: what each holds, and who does not answer."""

    holds: dict[str, dict[str, StudyPreview]]
    silent: set[str] = field(default_factory=set)
    asked: list[tuple[str, Question]] = field(default_factory=list)
    confirmed: list[tuple[str, int | None]] = field(default_factory=list)
    generation: int = 1
    doubted: list[Doubt] = field(default_factory=list)

    async def doubt(self, doubt: Doubt, question: Question) -> None:
        self.asked.append((doubt.hospital, question))
        if doubt.hospital in self.silent:
            raise Unavailable(doubt.hospital)
        self.doubted.append(doubt)

    async def preview(
        self,
        gateway_id: str,
        studies: Sequence[str],
        language: str,
        question: Question,
        confirmed: int | None = None,
    ) -> GatewayPreview:
        self.asked.append((gateway_id, question))
        self.confirmed.append((gateway_id, confirmed))
        if gateway_id in self.silent:
            raise Unavailable(gateway_id)
        here = self.holds.get(gateway_id, {})
        told = tuple(here[uid] for uid in studies if uid in here)
        return GatewayPreview(told, frozenset(studies) - here.keys(), self.generation)


@dataclass(slots=True)
class Town:
    """The portal, its clock, its neighbours, and who comes to its doors."""

    house: House
    clock: Clock
    registry: MemoryRegistry
    hospitals: MemoryGateways
    gateway_keys: dict[str, KeySet]
    mark: str = field(default_factory=lambda: uuid4().hex[:8])

    @classmethod
    def build(cls, engine: AsyncEngine) -> Town:
        """Build a portal with fresh keys, so that nobody of an earlier test is known in it."""
        clock = Clock()
        head, knee, chest = study(HEAD_CT, NOORD), study(KNEE_MR, WEST, ZUID), study(CHEST_CR, NOORD, modality="CR")
        registry = MemoryRegistry({ANNA.bsn.reveal(): (head, knee, chest)})
        gateways = MemoryGateways(
            {
                "noord": {HEAD_CT: previewed(HEAD_CT), CHEST_CR: previewed(CHEST_CR, 2, 900_000)},
                "west": {KNEE_MR: previewed(KNEE_MR, 80, 40_000_000)},
                "zuid": {KNEE_MR: previewed(KNEE_MR, 80, 40_000_000)},
            }
        )
        keys = {one.gateway_id: KeySet([new_key(f"{one.gateway_id}-1")]) for one in HOSPITALS}
        house = House(
            engine=engine,
            clock=clock,
            settings=PortalSettings.model_construct(base_url=PORTAL, timeline_deadline_seconds=2.0),
            keys=KeySet([new_key("portal-1")]),
            secrets=Secrets.new(),
            pseudonyms=MemoryPseudonyms(),
            policies=PolicyDecisionPoint.load(POLICIES),
            directory=Directory(HOSPITALS),
            registries=(registry,),
            gateways=gateways,  # type: ignore[arg-type]  # fits the same port
            gateway_keys=keys,
        )
        return cls(house, clock, registry, gateways, keys)

    async def patient(self, person: Person = ANNA) -> Asker:
        """A patient who signed in: the session is a real one."""
        sessions = Sessions(self.house.engine, tables.session, Seal([b"s" * 32]), "patient")
        session = await sessions.begin({}, self.clock.now)
        names = await self.house.pseudonyms.names(person.bsn)
        who = ("patient", names[0], "", "", None, False, frozenset[str](), session.handle, "nl")
        return Asker(*who, known_as=names, bsn=person.bsn)

    def provider(
        self, who: tuple[str, str, str | None] = DEKKER, *, verified: bool = False, visit: str | None = None
    ) -> Asker:
        """A care provider: signed in (`verified`), or in a visit in which they only said who they are."""
        name, organisation, ura = who
        session = visit or uuid4().hex
        subject = f"uzi-{name}" if verified else session
        return Asker(
            "provider",
            subject,
            name,
            organisation,
            ura if verified else None,
            verified,
            frozenset(),
            session,
            "nl",
        )

    def agent(self, *roles: str, subject: str = "fatima", signed_in_ago: int = 0) -> Asker:
        """Somebody of the staff, with these roles (the helpdesk's when none is named), who just signed in."""
        return Asker(
            "staff",
            f"{subject}-{self.mark}",
            FATIMA[0],
            FATIMA[1],
            None,
            True,
            frozenset(roles or ("helpdesk",)),
            "v",
            "nl",
            authenticated_at=self.clock.now - timedelta(seconds=signed_in_ago),
        )

    async def share(self, asker: Asker, *chosen: Choice, terms: ShareTerms = TERMS) -> MadeShare:
        """Anna makes a share of these studies (without: the head at Noord and the knee at West)."""
        wanted = chosen or (Choice(HEAD_CT, "noord"), Choice(KNEE_MR, "west"))
        return await make_share(self.house, asker, ANNA.bsn, wanted, terms, uuid4().hex)

    async def redeem(self, asker: Asker, made: MadeShare) -> Redeemed:
        """Somebody redeems the share with the right code and PIN."""
        return await redeem_share(self.house, asker, made.code, made.pin)

    async def rows(self, table: Any, *wanted: Any) -> list[Any]:
        """What stands in a table."""
        async with transaction(self.house.engine) as connection:
            return list((await connection.execute(select(table).where(*wanted))).all())


def wrong(pin: PIN) -> PIN:
    """Another PIN."""
    return PIN.new((int(pin.reveal()) + 1) % 10**6)


def foreign_code() -> ShareCode:
    """A well-formed code of no share."""
    return ShareCode.new(uuid4().bytes[:10])


def evers(town: Town, **how: Any) -> Asker:
    """A care provider of another organisation."""
    return town.provider(EVERS, **how)
