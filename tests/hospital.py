"""Ziekenhuis Noord of the story: its settings, its index, and its gateway in a real server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
from tests.hospital_images import ISSUER, crosswalk_csv, fill
from tests.hospital_portal import Portal, portal
from tests.running import running

from beeldpas.database.engine import open_engine, transaction
from beeldpas.demo.processes import free_ports
from beeldpas.gateway import access_log, administration
from beeldpas.gateway.app import build_app, build_house
from beeldpas.gateway.house import House
from beeldpas.gateway.intake import Ingested
from beeldpas.gateway.settings import GatewaySettings
from beeldpas.gateway.status import utc_now
from beeldpas.keys import public_file, write_new_keys
from beeldpas.web.serve import harden


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
        assert len(self.portal.heard) <= len(self.portal.told), "told twice although nobody was killed"
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
        _, lines = asyncio.run(administration.import_file(found, crosswalk, correct=False))
        assert len(lines) == faults
    return asyncio.run(administration.ingest_all(found, folder))


@contextmanager
def serving(found: GatewaySettings, portal: Portal) -> Iterator[Served]:
    """Serve for the length of a block, in a real server."""
    clock = Clock()
    house = build_house(found, clock)
    client = httpx2.Client(base_url=found.base_url, timeout=20, follow_redirects=False)
    with running(harden(build_app(house)), port=found.port, unix_socket=found.socket), client:
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
