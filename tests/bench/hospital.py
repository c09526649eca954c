"""A hospital with one large study in a folder: the real gateway in its own process, and an issuer that it trusts.

The issuer stands in for the portal with three things: keys, a status list on which everything is valid, and a token
endpoint that gives one token for a code, which names its language. Everything the gateway does is its own.
"""

import csv
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from time import time
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from tests.bench.large_study import ISSUER, NUMBER
from tests.running import running

from beeldpas.demo.people import ANNA
from beeldpas.demo.processes import Child, Processes, free_ports
from beeldpas.demo.toml import to_toml
from beeldpas.formats import jose
from beeldpas.formats.statuslist import pack
from beeldpas.gateway.settings import S3Settings
from beeldpas.keys import public_file, write_new_keys

_LIST_SIZE = 1024


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that can be downloaded: where, with which header, how long it is, and who gives tokens for it."""

    url: str
    headers: dict[str, str]
    size: int
    issuer: str
    socket: Path


@dataclass(frozen=True, slots=True)
class Prepared:
    """A hospital whose index is filled; it can be opened again and again."""

    folder: Path
    study_uid: str
    port: int
    issuer_port: int

    @property
    def gateway(self) -> str:
        """The gateway's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def issuer(self) -> str:
        """The address of whom it trusts."""
        return f"http://127.0.0.1:{self.issuer_port}"

    @property
    def config(self) -> Path:
        """The gateway's settings."""
        return self.folder / "gateway.toml"

    @property
    def socket(self) -> Path:
        """Where a proxy on this machine finds the gateway."""
        return self.folder / "gateway.sock"

    @contextmanager
    def opened(self) -> Iterator[Child]:
        """Serve for the length of a block; gives the gateway's process."""
        stand_in = _issuer(self.folder, self.issuer, self.gateway, self.study_uid)
        with running(stand_in, port=self.issuer_port), Processes(self.folder / "logs") as processes:
            child = processes.start("gateway", _gateway(self.config, ["serve"]), self.port)
            processes.wait_ready(child)
            yield child

    def lease(self, language: str = "nl") -> tuple[str, dict[str, str]]:
        """Exchange a code for a lease as a browser would: the archive's address, and the header that opens it.

        In another language it is another archive, with everything laid out anew.
        """
        connection = HTTPConnection(urlsplit(self.gateway).netloc, timeout=60)
        connection.request("GET", "/download?" + urlencode({"code": language, "iss": self.issuer}))
        answer = connection.getresponse()
        answer.read()
        connection.close()
        if answer.status != 303:
            raise RuntimeError(f"no lease: {answer.status}")
        value = answer.headers["set-cookie"].partition(";")[0].partition("=")[2]
        return self.gateway + answer.headers["location"], {"Beeldpas-Lease": value}

    def archive(self) -> Archive:
        """Take a lease, and ask how long its archive is."""
        url, headers = self.lease()
        connection = HTTPConnection(urlsplit(self.gateway).netloc, timeout=60)
        connection.request("HEAD", urlsplit(url).path, headers=headers)
        size = int(connection.getresponse().headers["content-length"])
        connection.close()
        return Archive(url, headers, size, self.issuer, self.socket)


def prepare(
    images: Path, study_uid: str, folder: Path, bucket: S3Settings | None = None, *, loose: bool = False
) -> Prepared:
    """Put the images as series packs into a folder or a bucket, or index them where they lie loose."""
    made = Prepared(folder, study_uid, *free_ports(2))
    folder.mkdir(parents=True)
    for name in ("issuer", "gateway"):
        write_new_keys(folder / f"{name}.json", name)
    store = images if loose else folder / "store"
    store.mkdir(exist_ok=True)
    objects = bucket.model_dump() if bucket else {"kind": "folder", "root": store}
    made.config.write_text(to_toml(_settings(made, objects)))
    with (folder / "crosswalk.csv").open("w", newline="") as file:
        _write_crosswalk(file)
    for command in (["crosswalk"], ["ingest"] if loose else ["ingest", str(images)]):
        subprocess.run([*_gateway(made.config, command)], check=True, stdout=subprocess.DEVNULL)
    return made


@contextmanager
def hospital(
    images: Path, study_uid: str, folder: Path, bucket: S3Settings | None = None, *, loose: bool = False
) -> Iterator[Archive]:
    """Index the images, serve them, and give the archive of the study; everything is stopped at the end."""
    made = prepare(images, study_uid, folder, bucket, loose=loose)
    with made.opened():
        yield made.archive()


def _gateway(config: Path, words: list[str]) -> list[str]:
    return [sys.executable, "-m", "beeldpas", "gateway", *words, "--config", str(config)]


def _settings(made: Prepared, objects: dict[str, Any]) -> dict[str, Any]:
    folder, issuer = made.folder, made.issuer
    return {
        "environment": "demo",
        "gateway_id": "noord",
        "hospital": "Ziekenhuis Noord",
        "ura": "90000101",
        "phone": "0800 0101",
        "base_url": made.gateway,
        "port": made.port,
        "socket": made.socket,
        "state_dir": folder,
        "database_url": f"sqlite+aiosqlite:///{folder / 'gateway.db'}",
        "key_file": folder / "gateway.json",
        "lease_keys_file": folder / "lease-keys",
        "local_issuer": ISSUER,
        "lease_times": 1000,  # a bench downloads one archive over and over
        "objects": {name: value for name, value in objects.items() if value is not None},
        "issuers": [
            {
                "iss": issuer,
                "keys_file": public_file(folder / "issuer.json"),
                "status_uri": f"{issuer}/status/noord",
                "token_endpoint": f"{issuer}/token",
                "uses_endpoint": f"{issuer}/uses",
                "bases": ["share"],
            }
        ],
    }


def _write_crosswalk(file: Any) -> None:
    rows = csv.writer(file)
    rows.writerow(["issuer", "local_number", "bsn", "birth_date", "name", "sex", "merged_into"])
    born = ANNA.birth_date.isoformat()
    rows.writerow([ISSUER, NUMBER, ANNA.bsn.reveal(), born, ANNA.dicom_name, ANNA.sex, ""])


def _issuer(folder: Path, issuer: str, gateway: str, study_uid: str) -> Starlette:
    keys = jose.load_keys(folder / "issuer.json")
    reporters = jose.load_keys(public_file(folder / "gateway.json"))

    async def status(_request: Request) -> Response:
        now = int(time())
        entries = {"bits": 2, "lst": pack(_LIST_SIZE, ())}
        claims = {"iss": issuer, "sub": f"{issuer}/status/noord", "iat": now, "exp": now + 30, "ttl": 1}
        signed = jose.sign({**claims, "status_list": entries}, typ="statuslist+jwt", key=keys)
        return Response(signed, media_type="application/statuslist+jwt")

    async def token(request: Request) -> Response:
        language = str((await request.form())["code"])
        signed = jose.sign(_claims(issuer, gateway, study_uid) | {"language": language}, typ="at+jwt", key=keys)
        return JSONResponse({"access_token": signed, "token_type": "Bearer", "expires_in": 300})

    async def uses(request: Request) -> Response:
        claims = jose.verify(
            (await request.body()).decode(),
            typ="uses+jwt",
            keys=reporters,
            issuer=gateway,
            audience=issuer,
            now=datetime.now(UTC),
        )
        return JSONResponse({"stored": [event["event_id"] for event in claims["events"]], "refused": []})

    return Starlette(
        routes=[
            Route("/status/noord", status),
            Route("/token", token, methods=["POST"]),
            Route("/uses", uses, methods=["POST"]),
        ]
    )


def _claims(issuer: str, gateway: str, study_uid: str) -> dict[str, Any]:
    now = int(time())
    details = {
        "type": "urn:beeldpas:imaging:1",
        "locations": [gateway],
        "actions": ["retrieve"],
        "basis": "share",
        "studies": [study_uid],
        "not_after": now + 3600,
    }
    return {
        "iss": issuer,
        "aud": gateway,
        "client_id": gateway,
        "sub": "receiver",
        "iat": now,
        "exp": now + 300,
        "jti": uuid4().hex,
        "purpose": "TREAT",
        "grant": "grant",
        "receiver": {"kind": "verified", "name": "Dr. D. Dekker", "organisation": "Kliniek De Linde"},
        "authorization_details": [details],
        "status": {"status_list": {"idx": 0, "uri": f"{issuer}/status/noord"}},
    }
