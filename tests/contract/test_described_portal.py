"""The portal answers whatever anybody asks of any of its addresses as its OpenAPI document says: at every door, for
every role, and never with an error of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from tests.described import ask, labels
from tests.house.openapi import document
from tests.portal_doors import Doors
from tests.running import running
from tests.sharing_town import HEAD_CT, MIGRATIONS, PORTAL, Town

from beeldpas.database.engine import migrate, open_engine
from beeldpas.formats import jose
from beeldpas.formats.assertion import CLIENT_ASSERTION_TYPE, sign_assertion
from beeldpas.portal import pin
from beeldpas.portal.app import build_app
from beeldpas.portal.settings import PortalLimits
from beeldpas.portal.store.tables import share
from beeldpas.web.serve import harden

DOCUMENT = document("portal")
ROLES = ("anybody", "patient", "provider", "staff")
NOORD = "https://noord.example"
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


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    folder = tmp_path_factory.mktemp("portal")
    with open_portal(folder) as found:
        yield found


@contextmanager
def open_portal(folder: Path) -> Iterator[Portal]:
    """A portal in a real server, with people of every role in it."""
    url = f"sqlite+aiosqlite:///{folder}/portal.db"
    migrate(url, MIGRATIONS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pin, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        doors, cookies, known = asyncio.run(_people(url, folder))
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


@pytest.mark.parametrize("role", ROLES)
def test_no_request_of_any_role_breaks_the_portal_or_gets_an_undeclared_answer(portal: Portal, role: str) -> None:
    assert asked(portal, role, own(role), 2) == []


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("role", ROLES)
def test_no_request_of_any_role_at_anybodys_door_breaks_the_portal(portal: Portal, role: str) -> None:
    assert asked(portal, role, labels(DOCUMENT), 8, negative=True) == []


def own(role: str) -> list[str]:
    """The addresses that are meant for a role; those for nobody in particular are asked by anybody."""
    found = []
    for label in labels(DOCUMENT):
        method, path = label.split(" ", 1)
        meant = DOCUMENT["paths"][path][method.lower()]["x-for"]
        if role in meant or (role == "anybody" and not set(ROLES[1:]) & set(meant.split(", "))):
            found.append(label)
    return found


def asked(portal: Portal, role: str, wanted: list[str], examples: int, *, negative: bool = False) -> list[str]:
    """Ask these addresses; returns what was wrong."""
    return [
        line
        for label in wanted
        for line in ask(
            DOCUMENT,
            portal.url,
            label,
            examples=examples,
            headers=portal.headers(role, label),
            known=portal.known,
            negative=negative,
        )
    ]


def test_no_request_that_a_gateway_signed_breaks_the_portal_or_gets_an_undeclared_answer(portal: Portal) -> None:
    key, url = portal.town.gateway_keys["noord"], NOORD

    def sign(case: Any) -> None:
        if case.path == "/token" and isinstance(case.body, dict):
            proof = sign_assertion(client_id=url, audience=PORTAL, now=portal.town.clock(), key=key).reveal()
            proven = {"client_id": url, "client_assertion_type": CLIENT_ASSERTION_TYPE, "client_assertion": proof}
            case.body = {**case.body, **proven, "grant_type": "authorization_code"}
        if case.path == "/uses":
            issued = int(portal.town.clock().timestamp())
            event = {"event_id": str(uuid4()), "studies": [str(case.body)], "bytes": 1, "at": str(case.body)}
            claims = {"iss": url, "aud": PORTAL, "iat": issued, "exp": issued + 60, "events": [event]}
            case.body = jose.sign(claims, typ="uses+jwt", key=key)

    wrong = [
        line
        for label in ("POST /token", "POST /uses")
        for line in ask(DOCUMENT, portal.url, label, examples=10, change=sign)
    ]
    assert wrong == []
