"""A real registry for tests: three hospitals that publish, a portal that asks, keys of their own, a clock to set.

People and studies are new in each test, so that a whole module can share one registry.
"""

import itertools
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import httpx2
from joserfc.jwk import KeySet
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from tests.cast import NOORD, NOW, WEST, ZUID, Organisation
from tests.memory_pseudonyms import MemoryPseudonyms
from tests.running import running

from beeldpas.database.engine import migrate
from beeldpas.demo.processes import free_ports
from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Malformed
from beeldpas.formats.assertion import CLIENT_ASSERTION_TYPE, sign_assertion
from beeldpas.formats.fhir.bundles import transaction
from beeldpas.formats.fhir.publication import (
    PublishedInstance,
    PublishedReport,
    PublishedSeries,
    PublishedStudy,
    PublishingHospital,
)
from beeldpas.formats.jose import load_keys
from beeldpas.formats.question import Question, sign_question
from beeldpas.keys import public_file, write_new_keys
from beeldpas.registry.app import MIGRATIONS, build_app
from beeldpas.registry.index import Index
from beeldpas.registry.settings import AskerSettings, RegistrySettings
from beeldpas.web.outbound import open_client
from beeldpas.web.pseudonyms import PseudonymSettings
from beeldpas.web.serve import harden

PORTAL = "http://portal.localhost:9000"
CLINIC = "http://clinic.localhost:9009"
ADDRESSES = {
    "noord": "http://noord.localhost:9001",
    "west": "http://west.localhost:9002",
    "zuid": "http://zuid.localhost:9003",
}
OWN = Question("patient", "patient", "p1.c0ffee", "Beeldpas", "PATRQT", "own")
_bsns = itertools.count(10_000_000)
_uids = itertools.count(1)


@dataclass(slots=True)
class Clock:
    """Says what time it is in the story; set `now` to move on."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True, slots=True)
class Town:
    """The registry at `base_url`, and everybody's keys."""

    base_url: str
    settings: RegistrySettings
    hospitals_file: Path
    keys: Mapping[str, KeySet]
    addresses: Mapping[str, str]
    clock: Clock = field(default_factory=Clock)
    pseudonyms: MemoryPseudonyms = field(default_factory=MemoryPseudonyms)
    moods: list[Response | None] = field(default_factory=list)  # next answers to `POST /fhir`; None: as it should
    asked: list[Request] = field(default_factory=list)  # what came to `/mhd`

    def client(self) -> httpx2.AsyncClient:
        return open_client(hosts=[self.base_url])

    def assertion(self, gateway_id: str, **changes: Any) -> str:
        facts = {
            "client_id": self.addresses[gateway_id],
            "audience": self.base_url,
            "now": self.clock(),
            "key": self.keys[gateway_id],
        }
        return sign_assertion(**{**facts, **changes}).reveal()

    def question(self, question: Question = OWN, **changes: Any) -> str:
        facts = {"issuer": PORTAL, "audience": self.base_url, "now": self.clock(), "key": self.keys["portal"]}
        return sign_question(question, **{**facts, **changes}).reveal()

    async def token(self, client: httpx2.AsyncClient, gateway_id: str) -> str:
        answer = await client.post(f"{self.base_url}/token", data=token_form(self.assertion(gateway_id)))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    async def publish(self, gateway_id: str, *studies: PublishedStudy) -> httpx2.Response:
        return await self.send(gateway_id, transaction(self.hospital(gateway_id), studies))

    async def send(self, gateway_id: str, bundle: object) -> httpx2.Response:
        async with self.client() as client:
            token = await self.token(client, gateway_id)
            return await client.post(
                f"{self.base_url}/fhir", content=json.dumps(bundle), headers={"Authorization": f"Bearer {token}"}
            )

    async def search(self, bsn: BSN, token: str | None = None, **form: str) -> httpx2.Response:
        wanted = {
            "patient.identifier": f"http://fhir.nl/fhir/NamingSystem/bsn|{bsn.reveal()}",
            "_include": "ImagingStudy:endpoint",
            "_revinclude": "DiagnosticReport:imaging-study",
        }
        question = self.question() if token is None else token
        async with self.client() as client:
            return await client.post(
                f"{self.base_url}/fhir/ImagingStudy/_search",
                data={name: value for name, value in {**wanted, **form}.items() if value},
                headers={"Authorization": f"Bearer {question}"} if question else {},
            )

    def about_documents(self, question: Question = OWN, **changes: Any) -> str:
        """A question to the door for documents, which has an audience of its own."""
        return self.question(question, **{"audience": f"{self.base_url}/mhd", **changes})

    async def documents(self, bsn: BSN, token: str | None = None, **form: str) -> httpx2.Response:
        """Ask which documents there are of a person (ITI-67)."""
        wanted = {"patient.identifier": f"http://fhir.nl/fhir/NamingSystem/bsn|{bsn.reveal()}", "status": "current"}
        question = self.about_documents() if token is None else token
        async with self.client() as client:
            return await client.post(
                f"{self.base_url}/mhd/DocumentReference/_search",
                data={name: value for name, value in {**wanted, **form}.items() if value},
                headers={"Authorization": f"Bearer {question}"} if question else {},
            )

    async def fetch(self, address: str, token: str | None = None) -> httpx2.Response:
        """Fetch a manifest (ITI-68), or a next page."""
        question = self.about_documents() if token is None else token
        async with open_client(hosts=[self.base_url], deadline=30.0) as client:
            return await client.get(address, headers={"Authorization": f"Bearer {question}"} if question else {})

    async def follow(self, bundle: Any, question: str | None = None) -> httpx2.Response:
        """Ask for the next page of an answer."""
        (address,) = [link["url"] for link in bundle["link"] if link["relation"] == "next"]
        async with self.client() as client:
            bearer = self.question() if question is None else question
            return await client.get(address, headers={"Authorization": f"Bearer {bearer}"})

    async def decide(self, verb: str, bsn: BSN, study_uid: str, question: str | None = None) -> httpx2.Response:
        """Keep a study from care providers (`restrict`), or show it to them again (`release`)."""
        form = {
            "patient.identifier": f"http://fhir.nl/fhir/NamingSystem/bsn|{bsn.reveal()}",
            "identifier": f"urn:dicom:uid|urn:oid:{study_uid}",
        }
        async with self.client() as client:
            bearer = self.question() if question is None else question
            return await client.post(
                f"{self.base_url}/fhir/ImagingStudy/${verb}", data=form, headers={"Authorization": f"Bearer {bearer}"}
            )

    async def read(self, gateway_id: str, path: str) -> httpx2.Response:
        """What a hospital reads back below the FHIR base."""
        async with self.client() as client:
            headers = {"Authorization": f"Bearer {await self.token(client, gateway_id)}"}
            return await client.get(f"{self.base_url}/fhir/{path}", headers=headers)

    def hospital(self, gateway_id: str) -> PublishingHospital:
        place = {one.gateway_id: one for one in (NOORD, WEST, ZUID)}[gateway_id]
        return PublishingHospital(gateway_id, place.name, place.ura, self.addresses[gateway_id])


@contextmanager
def registry_town(
    database_url: str, folder: Path, addresses: Mapping[str, str] = ADDRESSES, *, mhd: bool = False
) -> Iterator[Town]:
    """Run a registry on this database for one block."""
    settings, hospitals_file = write_town(database_url, folder, addresses)
    settings = settings.model_copy(update={"mhd": mhd})
    names = (*addresses, "portal")
    keys = {name: load_keys(folder / f"{name}.json") for name in names}
    town = Town(settings.base_url, settings, hospitals_file, keys, addresses)
    migrate(settings.database_url, MIGRATIONS)
    index = replace(Index.build(settings, town.clock), pseudonyms=town.pseudonyms)
    app = harden(build_app(index), "fhir")
    with running(_seen(_moody(app, town.moods), town.asked), port=settings.port):
        yield town


def _moody(app: ASGIApp, moods: list[Response | None]) -> ASGIApp:
    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        due = moods and scope["type"] == "http" and scope["path"] == "/fhir"
        await ((moods.pop(0) if due else None) or app)(scope, receive, send)

    return front


def _seen(app: ASGIApp, asked: list[Request]) -> ASGIApp:
    """Keep every request to the door for documents, with its body."""

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/mhd/"):
            await app(scope, receive, send)
            return
        request = Request(scope, receive)
        parts: list[Message] = [{"type": "http.request", "body": await request.body(), "more_body": False}]
        asked.append(request)
        await app(scope, lambda: _next(parts, receive), send)

    return front


async def _next(parts: list[Message], receive: Receive) -> Message:
    return parts.pop() if parts else await receive()


def write_town(
    database_url: str, folder: Path, addresses: Mapping[str, str] = ADDRESSES
) -> tuple[RegistrySettings, Path]:
    """Write keys and the hospital directory, and say how the registry is set."""
    for name in (*addresses, "portal", "registry"):
        write_new_keys(folder / f"{name}.json", f"{name}-1")
    hospitals_file = folder / "hospitals.toml"
    hospitals_file.write_text("".join(_listed(one, addresses) for one in (NOORD, WEST, ZUID)))
    port = free_ports(1)[0]
    settings = RegistrySettings(
        base_url=f"http://registry.localhost:{port}",
        port=port,
        state_dir=folder,
        database_url=database_url,
        key_file=folder / "registry.json",
        pseudonyms=PseudonymSettings(socket=folder / "names.sock"),
        hospitals_file=hospitals_file,
        askers=(
            AskerSettings(issuer=PORTAL, jwks_file=public_file(folder / "portal.json")),
            AskerSettings(issuer=CLINIC, jwks_file=public_file(folder / "portal.json"), providers=True),
        ),
    )
    return settings, hospitals_file


def _listed(place: Organisation, addresses: Mapping[str, str]) -> str:
    return (
        f'[[hospital]]\ngateway_id = "{place.gateway_id}"\nname = "{place.name}"\nura = "{place.ura}"\n'
        f'base_url = "{addresses[place.gateway_id]}"\njwks_file = "{place.gateway_id}.public.json"\n'
        'phone = "0800 0100"\n'
    )


def token_form(assertion: str) -> dict[str, str]:
    """What a gateway sends to the token endpoint."""
    return {
        "grant_type": "client_credentials",
        "client_assertion_type": CLIENT_ASSERTION_TYPE,
        "client_assertion": assertion,
    }


def somebody() -> BSN:
    """A person whom no other test has met."""
    while True:
        try:
            return BSN.parse(f"{next(_bsns) * 10 + 1:09d}"[-9:])
        except Malformed:
            continue


def new_uid() -> str:
    """A UID that no other test uses."""
    return f"1.2.826.0.1.3680043.8.498.{next(_uids)}"


def a_study(bsn: BSN, **changes: Any) -> PublishedStudy:
    """A CT of the chest with one report, made by who publishes it."""
    study_uid = new_uid()
    made = PublishedStudy(
        study_uid=study_uid,
        bsn=bsn,
        basis="law",
        origin=True,
        accession="A-1",
        started=date(2024, 3, 1),
        description="CT thorax",
        procedure="CT of the chest",
        series=(PublishedSeries(f"{study_uid}.1", 1, "CT", "axial", 120, "CHEST", ""),),
        reports=(PublishedReport(f"{study_uid}.9", "final", date(2024, 3, 2)),),
    )
    return replace(made, **changes)


def with_instances(study: PublishedStudy, sop_class: str = "1.2.840.10008.5.1.4.1.1.2") -> PublishedStudy:
    """The same with every instance by name, as a hospital publishes that lists them."""

    def listed(one: PublishedSeries) -> PublishedSeries:
        named = (PublishedInstance(f"{one.uid}.{number}", sop_class) for number in range(1, one.instances + 1))
        return replace(one, listed=tuple(named))

    return replace(study, series=tuple(map(listed, study.series)))
