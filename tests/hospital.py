"""Ziekenhuis Noord of the story, with real files, and what a gateway sees of the portal that it trusts.

The portal here signs real messages with a real key and answers over HTTP; it decides nothing, the tests do.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs

import httpx2
import pydicom
from joserfc.jwk import KeySet
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileDataset
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from tests.cast import ANNA, BRAM, DEKKER, Person
from tests.running import running

from beeldpas.database.engine import open_engine, transaction
from beeldpas.demo.processes import free_ports
from beeldpas.formats import jose
from beeldpas.formats.statuslist import TokenStatus, pack
from beeldpas.gateway import access_log, commands
from beeldpas.gateway.app import build_app, build_house
from beeldpas.gateway.house import House
from beeldpas.gateway.ingest import Ingested
from beeldpas.gateway.settings import GatewaySettings
from beeldpas.gateway.status import utc_now
from beeldpas.keys import public_file, write_new_keys
from beeldpas.web.serve import harden

ISSUER = "ZH-NOORD"
HEAD_CT, KNEE_MR, BRAMS_CT = "1.2.826.0.1.1", "1.2.826.0.1.2", "1.2.826.0.1.9"
NUMBERS = {ANNA.name: "4711", BRAM.name: "8022"}
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
_PDF_CLASS = "1.2.840.10008.5.1.4.1.1.104.1"


def image(study: str, series: int, number: int, person: Person = ANNA, sample: str = "CT_small.dcm") -> FileDataset:
    """A real image under a made-up identity."""
    dataset = pydicom.dcmread(str(get_testdata_file(sample, download=False)))
    head(dataset, study, series, number, person)
    return dataset


def head(dataset: Dataset, study: str, series: int, number: int, person: Person = ANNA) -> None:
    """Give an object its identity and its place: everything that a DICOMDIR asks for."""
    dataset.PatientName, dataset.PatientSex = person.name, person.sex
    dataset.PatientID, dataset.IssuerOfPatientID = NUMBERS.get(person.name, "9999"), ISSUER
    dataset.PatientBirthDate = person.birth_date.strftime("%Y%m%d")
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = study, f"{study}.{series}"
    dataset.StudyDate, dataset.StudyTime, dataset.StudyID = "20260503", "101500", "1"
    dataset.SeriesNumber, dataset.InstanceNumber = series, number
    dataset.SOPInstanceUID = f"{study}.{series}.{number}"
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID


def pdf_report(study: str, series: int, person: Person = ANNA, content: bytes = PDF) -> FileDataset:
    """A report as Encapsulated PDF."""
    dataset = image(study, series, 1, person)
    for keyword in ("PixelData", "Rows", "Columns", "BitsAllocated", "PixelRepresentation"):
        del dataset[keyword]
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = _PDF_CLASS
    dataset.Modality, dataset.DocumentTitle = "DOC", "Verslag CT schedel"
    dataset.MIMETypeOfEncapsulatedDocument = "application/pdf"
    dataset.EncapsulatedDocument = content + b"\0" * (len(content) % 2)
    dataset.EncapsulatedDocumentLength = len(content)
    return dataset


def structured_report(study: str, series: int) -> FileDataset:
    """A report as SR."""
    dataset = image(study, series, 1, sample="test-SR.dcm")
    dataset.ContentDate, dataset.ContentTime = "20260503", "110000"
    return dataset


def large_image(study: str, number: int, size_bytes: int) -> FileDataset:
    """An image with as many bytes of pixels as the test needs."""
    dataset = image(study, 1, number)
    dataset.Rows, dataset.Columns = size_bytes // 2048, 1024
    dataset.PixelData = number.to_bytes(2) * (size_bytes // 2)
    return dataset


def save(dataset: FileDataset, folder: Path, preamble: bytes = bytes(128)) -> Path:
    """Write a file under the folder, as the hospital's archive would."""
    file = folder / f"{dataset.SOPInstanceUID}.dcm"
    file.parent.mkdir(parents=True, exist_ok=True)
    dataset.preamble = preamble
    dataset.save_as(file, enforce_file_format=True)
    return file


def fill(folder: Path) -> None:
    """Anna's head CT (two series and both kinds of report) and knee MR, and Bram's CT."""
    for number in range(1, 6):
        save(image(HEAD_CT, 1, number), folder / "a", preamble=b"MZ" + bytes(126))
    for number in range(1, 3):
        save(image(HEAD_CT, 2, number), folder / "a")
    save(pdf_report(HEAD_CT, 3), folder / "a")
    save(structured_report(HEAD_CT, 4), folder / "a")
    save(image(KNEE_MR, 1, 1, sample="MR_small.dcm"), folder / "b")
    save(image(BRAMS_CT, 1, 1, BRAM), folder / "c")


def crosswalk_csv(file: Path, *more: str, people: tuple[Person, ...] = (ANNA, BRAM)) -> Path:
    """The hospital's master data."""
    lines = ["issuer,local_number,bsn,birth_date,name,sex,merged_into"]
    lines += [
        f"{ISSUER},{NUMBERS[person.name]},{person.bsn.reveal()},{person.birth_date},{person.name},{person.sex},"
        for person in people
    ]
    file.write_text("\n".join([*lines, *more]) + "\n", encoding="utf-8")
    return file


@dataclass
class Portal:
    """What a gateway sees of the portal."""

    folder: Path
    keys: KeySet
    base_url: str = ""
    states: dict[int, TokenStatus] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    told: list[dict[str, Any]] = field(default_factory=list)
    down: bool = False
    refuses_uses: bool = False
    exchanges: list[dict[str, str]] = field(default_factory=list)

    def token(self, gateway: str, studies: list[str], *, now: datetime | None = None, **changed: Any) -> str:
        """Sign an access token; `changed` replaces claims, `details_…` those of authorization_details."""
        issued = int((now or datetime.now(UTC)).timestamp())
        details: dict[str, Any] = {
            "type": "urn:beeldpas:imaging:1",
            "locations": [gateway],
            "actions": ["retrieve"],
            "basis": "share",
            "studies": studies,
            "not_after": issued + 86400,
        }
        details |= {name[8:]: changed.pop(name) for name in list(changed) if name.startswith("details_")}
        name, organisation, _ura = DEKKER
        index = changed.pop("index", 7)
        claims = {
            "iss": self.base_url,
            "aud": gateway,
            "sub": "receiver-1",
            "client_id": gateway,
            "iat": issued,
            "exp": issued + 300,
            "jti": token_urlsafe(16),
            "purpose": "TREAT",
            "grant": f"grant-{index}",
            "receiver": {"kind": "self-declared", "name": name, "organisation": organisation},
            "language": "nl",
            "authorization_details": [details],
            "status": {"status_list": {"idx": index, "uri": f"{self.base_url}/status/noord"}},
        }
        return jose.sign(claims | changed, typ="at+jwt", key=self.keys)

    def code(self, gateway: str, studies: list[str], **changed: Any) -> str:
        """Make a one-time code that stands for such a token."""
        code = token_urlsafe(32)
        self.codes[code] = self.token(gateway, studies, **changed)
        return code

    def app(self) -> Starlette:
        """The portal's endpoints for gateways."""
        routes = [
            Route("/status/noord", self._status),
            Route("/token", self._token, methods=["POST"]),
            Route("/uses", self._uses, methods=["POST"]),
        ]
        return Starlette(routes=routes)

    async def _status(self, request: Request) -> Response:
        if self.down:
            return Response(status_code=503)
        issued = int(datetime.now(UTC).timestamp())
        claims = {
            "iss": self.base_url,
            "sub": f"{self.base_url}/status/noord",
            "iat": issued,
            "exp": issued + 30,
            "ttl": 1,
            "status_list": {"bits": 2, "lst": pack(64, self.states.items())},
        }
        return Response(
            jose.sign(claims, typ="statuslist+jwt", key=self.keys), media_type="application/statuslist+jwt"
        )

    async def _token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        self.exchanges.append(form)
        token = self.codes.pop(form["code"], None)
        if token is None:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": 300})

    async def _uses(self, request: Request) -> Response:
        if self.refuses_uses:
            return Response(status_code=503)
        claims = json.loads(jose._decode((await request.body()).decode().split(".")[1]))
        self.told += claims["events"]
        return JSONResponse({"stored": [event["event_id"] for event in claims["events"]], "refused": []})


@contextmanager
def portal(folder: Path) -> Iterator[Portal]:
    """A portal that answers on a loopback port."""
    file = folder / "portal.jwks.json"
    if not file.exists():
        write_new_keys(file, "portal-1")
    found = Portal(folder, jose.load_keys(file))
    with running(found.app()) as port:
        found.base_url = f"http://127.0.0.1:{port}"
        yield found


def settings(
    folder: Path, portal: Portal, port: int, database_url: str | None = None, **changed: Any
) -> GatewaySettings:
    """Settings of Ziekenhuis Noord with a folder store."""
    keys = folder / "noord.jwks.json"
    if not keys.exists():
        write_new_keys(keys, "noord-1")
    values: dict[str, Any] = {
        "environment": "demo",
        "gateway_id": "noord",
        "hospital": "Ziekenhuis Noord",
        "ura": "90000101",
        "phone": "088 123 4567",
        "base_url": f"http://127.0.0.1:{port}",
        "port": port,
        "state_dir": folder / "state",
        "database_url": database_url or f"sqlite+aiosqlite:///{folder / 'gateway.db'}",
        "key_file": keys,
        "lease_keys_file": folder / "lease-keys.txt",
        "local_issuer": ISSUER,
        "objects": {"kind": "folder", "root": folder / "files"},
        "issuers": [
            {
                "iss": portal.base_url,
                "keys_file": public_file(folder / "portal.jwks.json"),
                "status_uri": f"{portal.base_url}/status/noord",
                "token_endpoint": f"{portal.base_url}/token",
                "uses_endpoint": f"{portal.base_url}/uses",
                "bases": ["share", "own"],
            }
        ],
    }
    return GatewaySettings(**(values | changed))


@dataclass
class Clock:
    """The real time, moved by as much as the test wants."""

    moved: timedelta = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.moved

    def pass_by(self, **time: float) -> None:
        """Let time pass for the gateway alone: `pass_by(seconds=31)`."""
        self.moved += timedelta(**time)


@dataclass
class Served:
    """A hospital that serves, with the portal that it trusts."""

    clock: Clock
    house: House
    portal: Portal
    client: httpx2.Client

    @property
    def url(self) -> str:
        """Where it answers."""
        return self.house.settings.base_url

    def token(self, studies: list[str], **changed: Any) -> dict[str, str]:
        """A bearer token, as a header."""
        return {"Authorization": f"Bearer {self.portal.token(self.url, studies, **changed)}"}

    def start(self, code: str, **headers: str) -> httpx2.Response:
        """Follow the portal's redirect to the gateway."""
        return self.client.get("/download", params={"code": code, "iss": self.portal.base_url}, headers=headers)

    def lease(self, studies: list[str], **changed: Any) -> tuple[str, dict[str, str]]:
        """Go as far as a lease: the archive's path, and the lease as a header."""
        answer = self.start(self.portal.code(self.url, studies, **changed))
        assert answer.status_code == 303, answer.text
        value = answer.headers["set-cookie"].partition(";")[0].partition("=")[2]
        return answer.headers["location"], {"Beeldpas-Lease": value}

    def log(self) -> list[dict[str, Any]]:
        """The hospital's own access log, read as its administrator would."""
        return asyncio.run(_log(self.house.settings))

    def wait_told(self, count: int) -> list[dict[str, Any]]:
        """Wait until the portal was told of so many events."""
        wait_until(lambda: len(self.portal.told) >= count)
        return self.portal.told


def wait_until(holds: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for something that another thread does."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.01)


async def _log(found: GatewaySettings) -> list[dict[str, Any]]:
    engine = open_engine(found.database_url)
    try:
        async with transaction(engine) as connection:
            return await access_log.rows(connection)
    finally:
        await engine.dispose()


def ingest(found: GatewaySettings, folder: Path | None = None, faults: int = 0) -> Ingested:
    """Read the crosswalk if there is one, then index."""
    crosswalk = found.state_dir / "crosswalk.csv"
    if crosswalk.exists():
        _, lines = asyncio.run(commands.import_file(found, crosswalk, correct=False))
        assert len(lines) == faults
    return asyncio.run(commands.ingest_all(found, folder))


@contextmanager
def serving(found: GatewaySettings, portal: Portal) -> Iterator[Served]:
    """Serve for the length of a block, in a real server."""
    clock = Clock()
    house = build_house(found, clock)
    client = httpx2.Client(base_url=found.base_url, timeout=20, follow_redirects=False)
    with running(harden(build_app(house)), port=found.port), client:
        wait_until(lambda: all(house.statuses.is_fresh(uri) for uri in house.statuses.uris))
        yield Served(clock, house, portal, client)


@contextmanager
def open_hospital(folder: Path, **changed: Any) -> Iterator[Served]:
    """Ziekenhuis Noord with Anna's and Bram's images, indexed, mapped and served."""
    with portal(folder) as trusted:
        found = settings(folder, trusted, free_ports(1)[0], **changed)
        found.state_dir.mkdir(parents=True, exist_ok=True)
        if not (folder / "files").exists():
            fill(folder / "files")
        crosswalk_csv(found.state_dir / "crosswalk.csv")
        ingest(found)
        with serving(found, trusted) as served:
            yield served
