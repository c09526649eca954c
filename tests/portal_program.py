"""The portal as a program in a real server, with people of every role signed in."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from argon2 import PasswordHasher
from tests.portal_doors import Doors
from tests.running import running
from tests.sharing_town import HEAD_CT, MIGRATIONS, Town

from beeldpas.database.engine import migrate, open_engine
from beeldpas.portal import pin
from beeldpas.portal.app import build_app
from beeldpas.portal.settings import PortalLimits
from beeldpas.portal.store.tables import share
from beeldpas.web.serve import harden

Result = TypeVar("Result")
# Whoever asks these is nobody any more; they are asked without anybody's cookie.
LEAVING = ("POST /sign-out", "POST /provider/sign-out", "POST /helpdesk/sign-out")
ENDING = ("/callback/",)


@dataclass
class Portal:
    """The running portal, and what its visitors' browsers hold."""

    url: str
    town: Town
    cookies: dict[str, str] = field(default_factory=dict)
    known: dict[str, list[str]] = field(default_factory=dict)

    def headers(self, role: str, label: str) -> dict[str, str]:
        """What a browser of this role sends along."""
        leaves = label in LEAVING or any(part in label for part in ENDING)
        cookie = "" if leaves else self.cookies.get(role, "")
        return {"Sec-Fetch-Site": "same-origin", **({"Cookie": cookie} if cookie else {})}


def apart(work: Coroutine[Any, Any, Result]) -> Result:
    """Run something in a loop and a thread of its own: Playwright keeps this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


@contextmanager
def open_portal(folder: Path) -> Iterator[Portal]:
    """A portal in a real server, with people of every role in it."""
    url = f"sqlite+aiosqlite:///{folder}/portal.db"
    migrate(url, MIGRATIONS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pin, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        doors, cookies, known = apart(_people(url, folder))
        found = Portal("", doors.town, cookies, known)
        plenty = PortalLimits(**dict.fromkeys((*PortalLimits.model_fields,)[2:], 10**6))
        settings = found.town.house.settings.model_copy(update={"limits": plenty})
        found.town.house = replace(found.town.house, engine=open_engine(url), settings=settings)
        app = build_app(found.town.house)
        starlette: Any = app
        while not hasattr(starlette, "state"):
            starlette = starlette.app
        starlette.state.relying_parties = doors.parties
        with running(harden(app)) as port:
            found.url = f"http://127.0.0.1:{port}"
            yield found


async def _people(url: str, folder: Path) -> tuple[Doors, dict[str, str], dict[str, list[str]]]:
    """Sign somebody in at each door; a share is made, opened, and found."""
    engine = open_engine(url)
    doors = Doors.build(Town.build(engine), folder)
    patient, agent, provider = await doors.patient(), await doors.agent(), await doors.provider()
    share_id, code, secret, _ = await patient.share()
    assert (await provider.redeem(code, secret)).status == 200
    visitors = {"patient": patient, "provider": provider, "staff": agent}
    cookies = {
        role: "; ".join(f"{one.name}={one.value}" for one in visitor.client.cookies.jar)
        for role, visitor in visitors.items()
    }
    (stored,) = await doors.town.rows(share)
    await engine.dispose()
    known = {
        "share_id": [share_id],
        "reference": [stored.reference],
        "gateway_id": ["noord", "west"],
        "key": [HEAD_CT],
    }
    return doors, cookies, known
