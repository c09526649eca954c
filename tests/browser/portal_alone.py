"""A portal whose neighbours answer from memory, at an address of its own; its clock goes as the test wants."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.portal_doors import Doors, VouchingParty
from tests.running import running
from tests.sharing_town import MIGRATIONS, Clock, Town

from beeldpas.database.engine import migrate, open_engine
from beeldpas.portal.identity.relying_party import Begun, Evidence
from beeldpas.portal.registries.port import Registry


class Here(VouchingParty):
    """Whoever signs in is sent straight back, as the test says."""

    async def begin(self, language: str, max_age: int | None = None) -> Begun:
        begun = await super().begin(language, max_age)
        return Begun(f"/callback/digid?state={begun.state}&code=x", begun.state, begun.nonce, begun.verifier)


@dataclass
class PortalAlone:
    """A running portal."""

    address: str
    clock: Clock
    patients: Here
    town: Town

    def next_is(self, says: Evidence) -> None:
        """Say who signs in next."""
        self.patients.says = says


@contextmanager
def portal_alone(folder: Path, *registries: Registry) -> Iterator[PortalAlone]:
    """Run the portal for one block; it lives in a thread, since Playwright keeps this one.

    `registries`: more that it asks, each for up to a minute.
    """
    url = f"sqlite+aiosqlite:///{folder}/portal.db"
    migrate(url, MIGRATIONS)
    doors = Doors.build(Town.build(open_engine(url)), folder)
    patients: Any = Here("digid", doors.town.clock)
    doors.starlette.state.relying_parties["patient"] = patients
    if registries:
        house = doors.starlette.state.house
        settings = house.settings.model_copy(update={"timeline_deadline_seconds": 60.0})
        asked = (*house.registries, *registries)
        doors.starlette.state.house = replace(house, registries=asked, settings=settings)
    with running(doors.app) as port:
        yield PortalAlone(f"http://portal.localhost:{port}", doors.town.clock, patients, doors.town)
