"""One patient's studies out of a country's, and how fast hospitals publish meanwhile, with real programs.

`registry_lookup_p99_ms` fills databases of 20, 6 and 2 million studies (`BEELDPAS_BENCH_STUDIES=200000,600000` for
others), each of twenty times fewer people, and asks 200 times a second for half a minute: a signed question each, no
person twice, from when a request was due to the last byte of its answer. The whole program takes part, in two
processes as behind a proxy: the question is checked and used up, the process of names is asked, the answer is put
together, and the question is in the log, on disk, before the first byte leaves. PostgreSQL with its page cache lives
in a memory cgroup of less than a quarter of the largest database, where the kernel gives us one. What the SQL of a
question takes is what PostgreSQL itself writes down, in a run of its own. `registry_publish_per_s` is measured on the
largest.
"""

import asyncio
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from tests import postgres
from tests.bench import sql_times
from tests.bench.country import Country, fill, size_bytes
from tests.bench.figures import Figure
from tests.bench.memory_limit import MemoryLimit
from tests.bench.open_loop import Taken, ask
from tests.bench.registry_programs import Programs
from tests.bench.registry_publishing import publish_while_asked

from beeldpas.domain.bsn import BSN, BSN_SYSTEM

SIZES = (20_000_000, 6_000_000, 2_000_000)
_PER_SECOND, _WARM_SECONDS, _SECONDS, _RUNS = 200, 5, 30, 3
_MEMORY_BYTES = 6 * 2**30  # less than a quarter of what twenty million studies take
_DURABLE = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "1GB",
    "effective_cache_size": "4GB",
    "random_page_cost": "1.1",
    "max_wal_size": "4GB",
    "jit": "off",
    "wal_compression": "on",
}


def registry_lookup_p99_ms(work: Path) -> list[Figure]:
    """What the slowest hundredth of questions takes over HTTP, by size; the SQL of it; and publishing beside it."""
    figures: list[Figure] = []
    with _cluster(work) as (folder, cluster), MemoryLimit.of(cluster, _MEMORY_BYTES) as memory:
        for studies in _sizes():
            programs = Programs.prepare(_empty(folder / f"programs-{studies}"))
            memory.lift()
            _show(f"{studies:,} studies: filling")
            country = fill(cluster.create(f"studies_{studies}"), programs, studies)
            memory.hold()
            figures += _measured(programs, country, largest=studies == max(_sizes()))
            cluster.drop(f"studies_{studies}")
        figures.append(Figure("registry_memory_gib", "GiB for PostgreSQL", [memory.gib]))
    return figures


def _measured(programs: Programs, country: Country, *, largest: bool) -> list[Figure]:
    people = iter(country.people)
    _show(f"{country.studies:,} studies of {len(country.people):,} people: asking")
    size = f"{country.studies / 1_000_000:g}m"
    with programs.started(country.url):
        _asked(programs, people, _WARM_SECONDS)
        runs = [_asked(programs, people, _SECONDS) for _ in range(_RUNS)]
        with sql_times.written(country.url) as times:
            _asked(programs, people, _SECONDS)
        published = (
            asyncio.run(publish_while_asked(programs, _requests(programs, people, 30 * 60))) if largest else []
        )
    found = [
        Figure(f"registry_lookup_p99_ms_{size}", "ms over HTTP", [one.percentile(0.99) for one in runs]),
        Figure(f"registry_lookup_p50_ms_{size}", "ms over HTTP", [one.percentile(0.5) for one in runs]),
        Figure(f"registry_lookup_sql_p99_ms_{size}", "ms, all statements", [times.percentile(0.99)]),
        Figure(f"registry_lookup_commit_p99_ms_{size}", "ms, to disk", [times.commit_percentile(0.99)]),
        Figure(f"registry_gib_{size}", "GiB on disk", [size_bytes(country.url) / 2**30]),
    ]
    if largest:
        found.insert(0, Figure("registry_lookup_p99_ms", "ms over HTTP", [one.percentile(0.99) for one in runs]))
    return found + published


def _asked(programs: Programs, people: Iterator[tuple[BSN, int]], seconds: int) -> Taken:
    requests = _requests(programs, people, seconds * _PER_SECOND)
    taken = asyncio.run(ask(programs.ports, requests, _PER_SECOND))
    if set(taken.statuses) != {200}:
        raise RuntimeError(f"not every question was answered: {taken.statuses}")
    return taken


def _requests(programs: Programs, people: Iterator[tuple[BSN, int]], count: int) -> list[bytes]:
    """Whole requests, each with a question of its own about somebody who was not asked about yet."""
    return [_request(programs, next(people)[0]) for _ in range(count)]


def _request(programs: Programs, bsn: BSN) -> bytes:
    form = urlencode(
        {
            "patient.identifier": f"{BSN_SYSTEM}|{bsn.reveal()}",
            "_include": "ImagingStudy:endpoint",
            "_revinclude": "DiagnosticReport:imaging-study",
        }
    )
    head = (
        "POST /fhir/ImagingStudy/_search HTTP/1.1\r\n"
        f"Host: registry.localhost:{programs.ports[0]}\r\n"
        f"Authorization: Bearer {programs.question()}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(form)}\r\n\r\n"
    )
    return (head + form).encode()


def _show(words: str) -> None:
    """Say how far it is, and how busy the machine: this takes most of an hour."""
    print(f"{time.strftime('%H:%M:%S')} {words} (load {os.getloadavg()[0]:.1f})", flush=True)  # noqa: T201


def _sizes() -> tuple[int, ...]:
    told = os.environ.get("BEELDPAS_BENCH_STUDIES", "")
    return tuple(int(one) for one in told.split(",")) if told else SIZES


def _empty(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


@contextmanager
def _cluster(work: Path) -> Iterator[tuple[Path, postgres.Cluster]]:
    """A cluster that writes to disk as in a service, on the disk of the working folder."""
    folder = _empty(work / "registry")
    before = dict(postgres.SERVER_SETTINGS)
    postgres.SERVER_SETTINGS.update(_DURABLE)
    cluster = postgres.Cluster.start()
    try:
        yield folder, cluster
    finally:
        cluster.stop()
        postgres.SERVER_SETTINGS.update(before)
