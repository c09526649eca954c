"""The portal's doors as an application, and visitors who come to them as browsers do: cookies, forms, redirects.

Whoever signs in is vouched for by a stand-in that fits the relying party's place; everything else is real.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
from starlette.applications import Starlette
from starlette.types import ASGIApp
from tests.cast import ANNA, DEKKER, FATIMA, Person
from tests.sharing_town import PORTAL, Town

from beeldpas.demo.check.page import Page
from beeldpas.domain.codes import PIN, ShareCode
from beeldpas.domain.errors import BeeldpasError
from beeldpas.keys import write_new_keys
from beeldpas.portal.app import build_app
from beeldpas.portal.identity.relying_party import Begun, Evidence
from beeldpas.portal.settings import PortalSettings

SUBSTANTIAL = "http://eidas.europa.eu/LoA/substantial"
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def portal_settings(folder: Path, environment: str = "production") -> PortalSettings:
    """Settings as an administrator would write them; the client's key is real."""
    key_file = folder / "client.jwks.json"
    if not key_file.exists():
        write_new_keys(key_file, "client-1", rsa=True)
    clients = {
        name: {"issuer": f"https://{name}.example", "client_id": "beeldpas-portal", "key_file": key_file}
        for name in ("digid", "zorg", "staff")
    }
    return PortalSettings.model_validate(
        {
            "environment": environment,
            "base_url": PORTAL,
            "state_dir": folder,
            "database_url": "sqlite+aiosqlite://",
            "key_file": key_file,
            "secrets_file": folder / "secrets.json",
            "pseudonyms": {"socket": folder / "names.sock"},
            "hospitals_file": folder / "hospitals.toml",
            "registries": [{"name": "lokaal", "base_url": "https://registry.example"}],
            "timeline_deadline_seconds": 2.0,
            "service": {"organisation": "Stichting Beeldpas", "phone": "0800 0100"},
            "mail": {"host": "127.0.0.1", "port": 25, "security": "none", "sender": "Beeldpas <noreply@b.example>"},
            **clients,
        }
    )


@dataclass
class VouchingParty:
    """Stands where a relying party stands: says of the next visitor what the test wants.

    Who is asked to show anew who they are (`max_age`) did so this moment, unless the evidence says otherwise.
    """

    name: str
    clock: Callable[[], datetime]
    says: Evidence | BeeldpasError | None = None
    begun: int = 0
    leads_out: str = ""

    async def begin(self, language: str, max_age: int | None = None) -> Begun:
        self.begun += 1
        state = f"state-{self.begun}"
        return Begun(f"https://{self.name}.example/auth?state={state}", state, "nonce", "verifier", max_age)

    async def finish(self, answer: Mapping[str, str], begun: Begun) -> Evidence:
        assert (begun.nonce, begun.verifier) == ("nonce", "verifier")
        if not isinstance(self.says, Evidence):
            raise self.says or AssertionError("nobody vouches")
        if begun.max_age is not None and self.says.auth_time is None:
            return replace(self.says, auth_time=int(self.clock().timestamp()))
        return self.says

    async def way_out(self, language: str, state: str) -> str:
        """Where somebody signs out at the provider too; "" when nowhere."""
        return self.leads_out and f"{self.leads_out}?state={state}"

    async def close(self) -> None:
        """Nothing is open."""


@dataclass
class Doors:
    """The portal's application with its town behind it."""

    town: Town
    app: ASGIApp
    starlette: Starlette
    parties: dict[str, VouchingParty] = field(default_factory=dict)

    @classmethod
    def build(cls, town: Town, folder: Path, environment: str = "production") -> Doors:
        """Open the doors of this town's portal."""
        town.house = replace(town.house, settings=portal_settings(folder, environment))
        app = build_app(town.house)
        starlette = app
        while not isinstance(starlette, Starlette):
            starlette = starlette.app  # type: ignore[attr-defined]
        names = {"patient": "digid", "provider": "zorg", "helpdesk": "staff"}
        parties = {door: VouchingParty(name, town.house.clock) for door, name in names.items()}
        starlette.state.relying_parties = parties
        return cls(town, app, starlette, parties)

    def visitor(self, language: str = "nl") -> Visitor:
        """Somebody at the doors with a new browser."""
        transport = httpx2.ASGITransport(app=self.app)
        client = httpx2.AsyncClient(transport=transport, base_url=PORTAL)
        return Visitor(self, client, "" if language == "nl" else f"/{language}")

    async def patient(self, person: Person = ANNA, language: str = "nl") -> Visitor:
        """A patient who signed in."""
        visitor = self.visitor(language)
        self.parties["patient"].says = digid_says(person.bsn.reveal())
        page = await visitor.sign_in("/sign-in", "/callback/digid")
        assert page.status == 303, page.text
        return visitor

    async def provider(self, who: tuple[str, str, str | None] = DEKKER, language: str = "nl") -> Visitor:
        """A care provider who signed in."""
        visitor = self.visitor(language)
        self.parties["provider"].says = care_says(who[0], (who[2] or "1", who[1]))
        await visitor.sign_in("/provider/sign-in", "/callback/zorg")
        return visitor

    async def agent(self, language: str = "nl", subject: str = "fatima", *roles: str) -> Visitor:
        """Somebody of the staff who signed in, of the helpdesk when no role is named."""
        visitor = self.visitor(language)
        known = {"name": FATIMA[0], "roles": [*(roles or ("helpdesk",))]}
        self.parties["helpdesk"].says = Evidence(f"{subject}-{self.town.mark}", {}, known)
        await visitor.sign_in("/helpdesk/sign-in", "/callback/staff")
        return visitor


@dataclass
class Visitor:
    """A browser: it keeps cookies, follows redirects within the portal, and sends forms as they stand."""

    doors: Doors
    client: httpx2.AsyncClient
    prefix: str

    async def get(self, path: str, *, follow: bool = True, **headers: str) -> Page:
        """Open a page of the visitor's language."""
        response = await self.client.get(self.prefix + path, headers=headers)
        return await self._arrive(response) if follow else _page(response)

    async def post(self, path: str, fields: Mapping[str, Any] | None = None, *, follow: bool = True) -> Page:
        """Send a form."""
        response = await self.client.post(self.prefix + path, data=fields or {}, headers=SAME_SITE | FORM)
        return await self._arrive(response) if follow else _page(response)

    async def sign_in(self, begin: str, callback: str) -> Page:
        """Go to the provider and come back."""
        away = await self.get(begin, follow=False)
        state = urlsplit(away.headers["location"]).query
        return _page(await self.client.get(f"{callback}?{state}&code=x"))

    async def share(self, **form: str) -> tuple[str, ShareCode, PIN, Page]:
        """As a patient: choose the head and the knee, share them, and read what there is to hand over."""
        timeline = await self.get("/timeline")
        choice = timeline.form("/share/choose")
        uids = choice.options["study"]
        hospitals = {f"hospital.{uid}": choice.values[f"hospital.{uid}"] for uid in uids}
        await self.post("/share/choose", {"study": uids, **hospitals})
        terms = {"for_whom": "dr. Dekker", "days": "14", "self_declared": "yes", "language": "nl", "note": ""}
        check = await self.post("/share/terms", {**terms, **form})
        page = await self.post("/share/make", dict(check.form("/share/make").values))
        share_id = urlsplit(page.url).path.split("/")[-2]
        return share_id, ShareCode.parse(page.marked("secret")), PIN.parse(page.marked("pin")), page

    async def redeem(self, code: ShareCode, pin: PIN, /, **fields: str) -> Page:
        """As a care provider who does not sign in: fill in the link page."""
        who = {"name": "Dr. D. Dekker", "organisation": "Kliniek De Linde", "function": "radioloog"}
        return await self.post("/s", {"code": code.reveal(), "pin": pin.reveal(), "link": "", **who, **fields})

    async def _arrive(self, response: httpx2.Response) -> Page:
        while response.status_code == 303 and response.headers["location"].startswith("/"):
            response = await self.client.get(response.headers["location"])
        return _page(response)


def digid_says(bsn: str, level: str | None = SUBSTANTIAL, **claims: Any) -> Evidence:
    """What DigiD's stand-in gives about a person."""
    acr = {"acr": level} if level else {}
    return Evidence("pairwise", {**acr}, {"sub": "pairwise", "bsn": bsn, **claims})


def care_says(name: str, *workplaces: tuple[str, str]) -> Evidence:
    """What the care login gives about a person."""
    relations = [{"ura": ura, "entity_name": organisation, "roles": ["01.015"]} for ura, organisation in workplaces]
    return Evidence("zorg-1", {"acr": SUBSTANTIAL}, {"name": name, "uzi_id": "900011101", "relations": relations})


def _page(response: httpx2.Response) -> Page:
    return Page(str(response.url), response.status_code, dict(response.headers), response.content)
