"""How soon a patient sees examinations while registries are slow, and what putting everything together costs.

A hundred registries answer in 20 to 200 ms from processes of their own. The portal's doors, policies, log (SQLite)
and pages are real; so are signing every question, HTTP, reading the answers and checking the hospitals' signatures. A
round is a new visit that opens its list. `timeline_first_ms`: until a page with examinations on it is there, while
one more registry hangs. `timeline_overhead_ms`: until the list with everything is there, by way of the first page and
the events that follow it, less the time of the slowest registry. CPU is that of the portal's process.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import httpx2
from tests.bench.figures import Figure
from tests.bench.side_by_side import process_of
from tests.bench.timeline_sources import (
    HANGING,
    HOSPITALS,
    REGISTRIES,
    SLOWEST_MS,
    STUDIES,
    Sources,
    address_of,
    hospital_at,
)
from tests.cast import ANNA
from tests.portal_doors import Doors, digid_says
from tests.sharing_town import MIGRATIONS, PORTAL, Town

from beeldpas.database.engine import migrate, open_engine
from beeldpas.portal.directory import Directory
from beeldpas.portal.registries.breaker import Breakers
from beeldpas.portal.registries.fhir import FhirRegistry
from beeldpas.portal.registries.preview import Gateways
from beeldpas.portal.registries.question import Signer
from beeldpas.web.logging import configure
from beeldpas.web.outbound import open_client

PROCESSES, ROUNDS, WARM_UP = 4, 20, 3
_CARD = '<li class="card">'


@dataclass(frozen=True, slots=True)
class Place:
    """A running portal, and its process."""

    port: int
    pid: int

    @property
    def cpu_ms(self) -> float:
        """How much CPU it has had."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def timeline_first_ms(folder: Path) -> list[Figure]:
    """Measure both, and the CPU."""
    folder.mkdir(parents=True, exist_ok=True)
    with _country(folder, hanging=True) as portal:
        asyncio.run(_rounds(portal, _any, WARM_UP))
        first = asyncio.run(_rounds(portal, _first))
    with _country(folder, hanging=False) as portal:
        asyncio.run(_rounds(portal, _any, WARM_UP))
        before = portal.cpu_ms
        whole = asyncio.run(_rounds(portal, _whole))
        cpu = (portal.cpu_ms - before) / ROUNDS / REGISTRIES
    overhead = [one - SLOWEST_MS for one in whole]
    return [
        Figure("timeline_first_ms", "ms (p95)", [_p95(first)]),
        Figure("timeline_first_median_ms", "ms", first),
        Figure("timeline_overhead_ms", "ms", overhead),
        Figure("timeline_cpu_ms_per_registry", "ms", [cpu]),
    ]


def _p95(runs: Sequence[float]) -> float:
    return sorted(runs)[int(len(runs) * 0.95) - 1]


@contextmanager
def _country(folder: Path, *, hanging: bool) -> Iterator[Place]:
    sources, ports = Sources.new(), dict[int, int]()
    with ExitStack() as stack:
        for number in range(PROCESSES):
            # Where the hospitals are is known when all run: addresses are written when somebody asks.
            build = partial(_sources, sources, folder / "ports.json")
            ports[number], _ = stack.enter_context(process_of(build))
        (folder / "ports.json").write_text(json.dumps(ports))
        yield Place(*stack.enter_context(process_of(partial(_portal, folder, sources, ports, hanging))))


def _sources(sources: Sources, ports: Path) -> Any:
    made: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and not made:
            known = json.loads(ports.read_text())  # noqa: ASYNC240  (once, before anything is measured)
            made.append(sources.app(lambda name: known[str(_process(name))]))
        if scope["type"] == "http":
            await made[0](scope, receive, send)

    return app


def _process(name: str) -> int:
    return 0 if name == HANGING else int(name[1:]) % PROCESSES


def _portal(folder: Path, sources: Sources, ports: dict[int, int], hanging: bool) -> Any:
    sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115  (lines are made, as in a service; nobody reads them)
    configure("portal")
    gc.freeze()  # as `serve` does
    gc.set_threshold(50_000)
    url = f"sqlite+aiosqlite:///{folder}/timeline.db"
    (folder / "timeline.db").unlink(missing_ok=True)
    migrate(url, MIGRATIONS)
    town = Town.build(open_engine(url))
    house, signer = town.house, Signer(PORTAL, town.house.keys, town.clock)

    def port_of(name: str) -> int:
        return ports[_process(name)]

    directory = Directory(tuple(hospital_at(f"h{n}", port_of) for n in range(HOSPITALS)))
    names = [*([HANGING] if hanging else []), *(f"r{n}" for n in range(REGISTRIES))]
    addresses = {name: address_of(name, port_of(name)) for name in names}
    client = open_client(hosts=addresses.values())
    hospitals = open_client(hosts=[one.base_url for one in directory.hospitals])
    town.house = replace(
        house,
        directory=directory,
        registries=tuple(
            FhirRegistry(name, address, client, signer, directory) for name, address in addresses.items()
        ),
        gateways=Gateways(directory, sources.keys, hospitals, signer, town.clock),
        breakers=Breakers(most=10**6),
    )
    doors = Doors.build(town, folder)
    doors.parties["patient"].says = digid_says(ANNA.bsn.reveal())
    house = doors.starlette.state.house
    doors.starlette.state.house = replace(
        house, settings=house.settings.model_copy(update={"timeline_deadline_seconds": 10.0})
    )
    return doors.app


async def _rounds(portal: Place, look: Any, count: int = ROUNDS) -> list[float]:
    taken = []
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{portal.port}", timeout=30) as client:
        for _ in range(count):
            cookie = await _sign_in(client)
            begun = perf_counter()
            await look(client, {"Host": urlsplit(PORTAL).netloc, "Cookie": cookie})
            taken.append((perf_counter() - begun) * 1000)
            await asyncio.sleep(0.3)
    return taken


async def _sign_in(client: httpx2.AsyncClient) -> str:
    host = {"Host": urlsplit(PORTAL).netloc}
    away = await client.get("/sign-in", headers=host)
    state = urlsplit(away.headers["location"]).query
    cookie = away.headers["set-cookie"].partition(";")[0]
    back = await client.get(f"/callback/digid?{state}&code=x", headers={**host, "Cookie": cookie})
    return str(back.headers["set-cookie"].partition(";")[0])


async def _any(client: httpx2.AsyncClient, headers: dict[str, str]) -> None:
    await client.get("/timeline", headers=headers)


async def _first(client: httpx2.AsyncClient, headers: dict[str, str]) -> None:
    page = await client.get("/timeline", headers=headers)
    assert _CARD in page.text, page.text[:500]


async def _whole(client: httpx2.AsyncClient, headers: dict[str, str]) -> None:
    page = await client.get("/timeline", headers=headers)
    if "data-progress=" in page.text:
        followed = page.text.partition('data-progress="')[2].partition('"')[0].replace("&amp;", "&")
        async with client.stream("GET", followed, headers=headers) as events:
            lines = [line async for line in events.aiter_lines() if line.startswith("data: ")]
        last = json.loads(lines[-1].removeprefix("data: "))
        assert last["isLast"]
        page = await client.get(f"/timeline?of={last['of']}", headers=headers)
    number = f"{REGISTRIES * STUDIES:,}".replace(",", ".")
    assert f"van {number} onderzoeken" in page.text, page.text[:2000]
    assert "data-progress=" not in page.text
