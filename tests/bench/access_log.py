"""How fast rows of the access log are written and placed, and how long it takes to examine a million of them.

Writing is what the programs do: `audit.log.append` on a transaction, a hundred events in each (as reports of use
come), four at a time, while a sequencer gives places and signs. It ends when the last row has its place. PostgreSQL
writes to disk for this (`fsync` on), as in a service. The million rows are made here and copied in with COPY; then
they are placed by the real sequencer in batches of 2,000, and examined by the real command in a process of its own.
"""

import asyncio
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_bytes
from uuid import uuid4

import psycopg
from joserfc.jwk import KeySet
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine
from tests import postgres
from tests.bench.figures import Figure
from tests.portal_log import PORTAL, PORTAL_KEYS, event
from tests.sharing_town import MIGRATIONS

from beeldpas.audit import log
from beeldpas.audit.checkpoint import LogKeys
from beeldpas.audit.event import as_record
from beeldpas.audit.leaf import make_leaf
from beeldpas.audit.sequencer import Sequencer
from beeldpas.database.engine import migrate, open_engine, transaction
from beeldpas.demo.toml import to_toml

_ROUNDS, _EVENTS, _PER_TRANSACTION, _WRITERS = 5, 20_000, 100, 4
_MILLION, _PER_BATCH = 1_000_000, 2000
_COLUMNS = "event_id, at, kind, source, patient, share_id, record, salt, leaf_hash"
_BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


def audit_append_per_s(folder: Path) -> list[Figure]:
    """Events written and placed in a second, and the examination of a million of them."""
    folder = folder / "access_log"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with _cluster() as cluster:
        appended = [asyncio.run(_append(cluster, number)) for number in range(_ROUNDS)]
        url = cluster.create("million")
        migrate(url, MIGRATIONS)
        _copy_in(url)
        placed = asyncio.run(_place(url))
        examined = [_examine(folder, url) for _ in range(3)]
    return [
        Figure("audit_append_per_s", "events/s", appended),
        Figure("audit_place_per_s", "events/s", [placed]),
        Figure("audit_verify_1m_s", "s", examined),
    ]


@contextmanager
def _cluster() -> Iterator[postgres.Cluster]:
    durable = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
    before = dict(postgres.SERVER_SETTINGS)
    postgres.SERVER_SETTINGS.update(durable)
    cluster = postgres.Cluster.start()
    try:
        yield cluster
    finally:
        cluster.stop()
        postgres.SERVER_SETTINGS.update(before)


async def _append(cluster: postgres.Cluster, number: int) -> float:
    url = cluster.create(f"append_{number}")
    await asyncio.to_thread(migrate, url, MIGRATIONS)
    engine = open_engine(url)
    sequencer = Sequencer(engine, LogKeys.of(PORTAL, PORTAL_KEYS), lambda: datetime.now(UTC))
    begun = time.perf_counter()
    placing = asyncio.create_task(_place_all(sequencer, _EVENTS))
    await asyncio.gather(*(_write(engine, _EVENTS // _WRITERS) for _ in range(_WRITERS)))
    await placing
    took = time.perf_counter() - begun
    await engine.dispose()
    return _EVENTS / took


async def _write(engine: AsyncEngine, count: int) -> None:
    for _ in range(count // _PER_TRANSACTION):
        async with transaction(engine) as connection:
            for _ in range(_PER_TRANSACTION):
                await log.append(connection, event(at=datetime.now(UTC)))


async def _place_all(sequencer: Sequencer, count: int) -> None:
    while count:
        count -= await sequencer.place_waiting()
        await asyncio.sleep(0.5 if count else 0)


def _copy_in(url: str) -> None:
    """Write a million rows, each with a salt and a hash of its own, as a stream."""
    plain = event()
    with (
        psycopg.connect(
            make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        ) as connection,
        connection.cursor() as cursor,
        cursor.copy(f"COPY access_log ({_COLUMNS}) FROM STDIN") as copy,
    ):
        for number in range(_MILLION):
            one = replace(
                plain, event_id=str(uuid4()), at=_BEGUN + timedelta(seconds=number), patient=f"p1.{number % 997}"
            )
            leaf = make_leaf(as_record(one), token_bytes(16))
            row = (
                one.event_id,
                one.at,
                one.kind,
                one.source,
                one.patient,
                one.share_id,
                leaf.text,
                leaf.salt,
                leaf.leaf_hash,
            )
            copy.write_row(row)


async def _place(url: str) -> float:
    engine = open_engine(url)
    sequencer = Sequencer(engine, LogKeys.of(PORTAL, PORTAL_KEYS), lambda: datetime.now(UTC), _PER_BATCH)
    begun, placed = time.perf_counter(), 0
    while count := await sequencer.place_waiting():
        placed += count
    took = time.perf_counter() - begun
    await engine.dispose()
    assert placed == _MILLION
    return placed / took


def _examine(folder: Path, url: str) -> float:
    config, keys = folder / "portal.toml", folder / "portal.jwks.json"
    keys.write_text(json.dumps(KeySet(PORTAL_KEYS.keys).as_dict(private=True)))
    settings = {"base_url": PORTAL, "state_dir": str(folder), "database_url": url, "key_file": str(keys)}
    config.write_text(to_toml(settings))
    begun = time.perf_counter()
    command = [sys.executable, "-m", "beeldpas", "audit", "verify", "--config", str(config)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert f"{_MILLION} events in their places" in done.stdout
    return time.perf_counter() - begun
