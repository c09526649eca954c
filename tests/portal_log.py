"""The portal's log behind its real doors, on a database of its own, and a gateway's witness that looks at it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import httpx2
from joserfc.jwk import KeySet
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from tests.cast import NOW
from tests.sharing_town import MIGRATIONS, Clock

from beeldpas.audit import log
from beeldpas.audit.checkpoint import LogKeys
from beeldpas.audit.event import Actor, Event
from beeldpas.audit.sequencer import Sequencer
from beeldpas.database.engine import migrate, open_engine, transaction
from beeldpas.formats.jose import new_key
from beeldpas.gateway.app import MIGRATIONS as GATEWAY_MIGRATIONS
from beeldpas.gateway.tokens import TrustedIssuer
from beeldpas.gateway.witness import Witness
from beeldpas.portal import log_door

PORTAL, NOORD = "https://portal.example", "https://noord.example"
PORTAL_KEYS, NOORD_KEYS = KeySet([new_key("portal-1")]), KeySet([new_key("noord-1")])
LOG_KEYS = LogKeys.of(PORTAL, PORTAL_KEYS)
NOORD_LISTED = SimpleNamespace(gateway_id="noord", base_url=NOORD)
DEKKER = Actor("provider", "visit:1", "Dr. D. Dekker", "Kliniek De Linde")


def event(**changed: Any) -> Event:
    """Dr. Dekker looks at a share of Anna."""
    plain = Event(str(uuid4()), NOW, "view_share", "done", DEKKER, patient="p1.anna", share_id="s1")
    return replace(plain, **changed)


@dataclass
class PortalLog:
    """One portal's log in an SQLite file; a copy of it goes its own way."""

    file: Path
    keys: LogKeys = LOG_KEYS
    clock: Clock = field(default_factory=Clock)
    engine: AsyncEngine = field(init=False)

    def __post_init__(self) -> None:
        self.engine = open_engine(f"sqlite+aiosqlite:///{self.file}")

    @classmethod
    async def new(cls, file: Path, keys: LogKeys = LOG_KEYS) -> PortalLog:
        """An empty log."""
        await asyncio.to_thread(migrate, f"sqlite+aiosqlite:///{file}", MIGRATIONS)
        return cls(file, keys)

    async def fork(self, file: Path) -> PortalLog:
        """The same log up to here, which may go on otherwise."""
        await self.engine.dispose()
        await asyncio.to_thread(shutil.copy, self.file, file)
        return PortalLog(file, self.keys, self.clock)

    async def write(self, count: int, **changed: Any) -> list[str]:
        """Write events and give them their places; return their ids."""
        events = [event(**changed) for _ in range(count)]
        async with transaction(self.engine) as connection:
            for one in events:
                assert await log.append(connection, one)
        self.clock.pass_by(seconds=10)
        await Sequencer(self.engine, self.keys, self.clock).place_waiting()
        self.clock.pass_by(seconds=10)
        return [one.event_id for one in events]

    def client(self) -> httpx2.AsyncClient:
        """Somebody at the log's doors."""
        app = Starlette(routes=log_door.routes())
        app.state.house = self.house()
        return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=PORTAL)

    def house(self, hospital: Any = NOORD_LISTED, gateway_keys: Mapping[str, KeySet] = {"noord": NOORD_KEYS}) -> Any:
        """What the doors need of a portal."""
        return SimpleNamespace(
            engine=self.engine,
            clock=self.clock,
            settings=SimpleNamespace(base_url=f"https://{self.keys.origin.removesuffix('/log')}"),
            keys=SimpleNamespace(keys=[SimpleNamespace(public_key=one.public) for one in self.keys.verifiers]),
            directory=SimpleNamespace(hospitals=[hospital]),
            gateway_keys=gateway_keys,
        )


@dataclass
class Hospital:
    """A gateway's database and its witness; which log it sees is the test's choice."""

    engine: AsyncEngine
    clock: Clock

    @classmethod
    async def new(cls, url: str) -> Hospital:
        """A gateway that has seen nothing yet."""
        await asyncio.to_thread(migrate, url, GATEWAY_MIGRATIONS)
        return cls(open_engine(url), Clock(NOW + timedelta(minutes=1)))

    def witness(self, client: httpx2.AsyncClient, keys: KeySet = NOORD_KEYS) -> Witness:
        """The gateway's witness as it is after a start."""
        issuer = TrustedIssuer(SimpleNamespace(iss=PORTAL), KeySet([PORTAL_KEYS.keys[0]]))  # type: ignore[arg-type]
        settings = SimpleNamespace(base_url=NOORD, gateway_id="noord", witness_seconds=60)
        return Witness(self.engine, client, {PORTAL: issuer}, settings, keys, self.clock)  # type: ignore[arg-type]

    async def looks_at(self, seen: PortalLog) -> str:
        """Look once, with a witness that remembers only what is in the database."""
        async with seen.client() as client:
            return await self.witness(client).look(PORTAL)
