"""A portal whose neighbours answer from memory, at an address of its own; its clock goes as the test wants."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.portal_doors import Doors, VouchingParty
from tests.running import running
from tests.sharing_town import MIGRATIONS, Clock, Town

from beeldpas.database.engine import migrate, open_engine
from beeldpas.portal.identity.relying_party import Begun, Evidence


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

    def next_is(self, says: Evidence) -> None:
        """Say who signs in next."""
        self.patients.says = says


@contextmanager
def portal_alone(folder: Path) -> Iterator[PortalAlone]:
    """Run the portal for one block; it lives in a thread, since Playwright keeps this one."""
    url = f"sqlite+aiosqlite:///{folder}/portal.db"
    migrate(url, MIGRATIONS)
    doors = Doors.build(Town.build(open_engine(url)), folder)
    patients: Any = Here("digid", doors.town.clock)
    doors.starlette.state.relying_parties["patient"] = patients
    with running(doors.app) as port:
        yield PortalAlone(f"http://portal.localhost:{port}", doors.town.clock, patients)
