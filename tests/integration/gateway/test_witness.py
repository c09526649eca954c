"""A hospital puts its word below the portal's log as long as it grows, and never again once it is another one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import httpx2
import pytest
from joserfc.jwk import KeySet
from sqlalchemy import select
from tests.hospital import settings
from tests.portal_log import LOG_KEYS, NOORD, NOORD_KEYS, PORTAL, Hospital, PortalLog
from typer.testing import CliRunner

from beeldpas.audit import tree_store
from beeldpas.audit.checkpoint import cosigners, verifiers_of, witness_name
from beeldpas.audit.note import Kind, Note, read_note
from beeldpas.database.engine import transaction
from beeldpas.demo.toml import to_toml
from beeldpas.formats.jose import new_key
from beeldpas.gateway import witnessed
from beeldpas.gateway.commands import app
from beeldpas.gateway.store.tables import access_log
from beeldpas.keys import write_new_keys
from beeldpas.portal.log_standing import Standing, log_standing

LOG = "portal.example/log"
VERIFIERS = verifiers_of(witness_name(NOORD), NOORD_KEYS, Kind.COSIGNATURE)


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[PortalLog]:
    made = await PortalLog.new(tmp_path / "portal.db")
    yield made
    await made.engine.dispose()


@pytest.fixture
async def hospital(tmp_path: Path) -> AsyncIterator[Hospital]:
    made = await Hospital.new(f"sqlite+aiosqlite:///{tmp_path / 'gateway.db'}")
    yield made
    await made.engine.dispose()


async def events(hospital: Hospital) -> list[dict[str, object]]:
    async with transaction(hospital.engine) as connection:
        records = (await connection.execute(select(access_log.c.record).order_by(access_log.c.row_id))).scalars()
        return [json.loads(text) for text in records]


async def below(log: PortalLog) -> Note:
    async with log.client() as client:
        return read_note((await client.get("/log/checkpoint")).text)


async def test_a_log_that_grows_is_cosigned(log: PortalLog, hospital: Hospital) -> None:
    for count in (5, 1, 300):
        await log.write(count)
        assert await hospital.looks_at(log) == "cosigned"
        note = await below(log)
        assert [*cosigners(note, VERIFIERS)] == ["noord.example"]
    assert await hospital.looks_at(log) == "unchanged"
    async with transaction(log.engine) as connection:
        seen = await tree_store.seen_by(connection, "noord.example")
    assert seen is not None
    assert (seen.size, seen.at) == (306, hospital.clock().replace(microsecond=0))
    assert await events(hospital) == []


async def test_before_the_first_event_there_is_nothing_to_see(log: PortalLog, hospital: Hospital) -> None:
    assert await hospital.looks_at(log) == "unreachable"


@pytest.mark.parametrize("otherwise", [3, 4, 40])
async def test_a_forked_log_is_noticed_and_never_cosigned_again(
    log: PortalLog, hospital: Hospital, tmp_path: Path, otherwise: int
) -> None:
    """The portal shows one hospital another history than before: as many events, or more."""
    await log.write(5)
    forked = await log.fork(tmp_path / "forked.db")
    await log.write(3)
    await forked.write(otherwise)
    assert await hospital.looks_at(log) == "cosigned"
    assert await hospital.looks_at(forked) == "alarm"
    assert cosigners(await below(forked), VERIFIERS) == {}
    await log.write(1)
    assert await hospital.looks_at(log) == "halted"
    (told,) = await events(hospital)
    assert (told["kind"], told["reason"], told["outcome"]) == ("witness_alarm", "forked", "refused")
    assert (told["log"], told["seen_size"], told["size"]) == ("portal.example/log", 8, 5 + otherwise)
    await forked.engine.dispose()


async def test_a_log_that_shrank_is_noticed(log: PortalLog, hospital: Hospital, tmp_path: Path) -> None:
    await log.write(5)
    restored = await log.fork(tmp_path / "restored.db")
    await log.write(3)
    assert await hospital.looks_at(log) == "cosigned"
    assert await hospital.looks_at(restored) == "alarm"
    async with transaction(hospital.engine) as connection:
        (last,) = await witnessed.all_logs(connection)
    assert (last.alarm, last.size) == ("shrunk", 8)
    evidence, _ = LOG_KEYS.read(last.alarm_note)
    assert evidence.size == 5
    await restored.engine.dispose()


async def test_an_old_checkpoint_that_comes_late_is_no_alarm(log: PortalLog, hospital: Hospital) -> None:
    await log.write(5)
    old = str(await below(log))
    await log.write(5)
    assert await hospital.looks_at(log) == "cosigned"
    real = log.client()

    async def late(request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/log/checkpoint":
            return httpx2.Response(200, text=old)
        return await real.get(str(request.url))

    async with real, httpx2.AsyncClient(transport=httpx2.MockTransport(late)) as client:
        assert await hospital.witness(client).look(PORTAL) == "stale"
    assert await hospital.looks_at(log) == "unchanged"


async def test_a_log_that_never_proves_anything_is_an_alarm_in_the_end(log: PortalLog, hospital: Hospital) -> None:
    await log.write(5)
    assert await hospital.looks_at(log) == "cosigned"
    await log.write(5)
    real = log.client()

    async def mute(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(404) if "consistency" in request.url.path else await real.get(str(request.url))

    async with real, httpx2.AsyncClient(transport=httpx2.MockTransport(mute)) as client:
        witness = hospital.witness(client)
        assert [await witness.look(PORTAL) for _ in range(4)] == ["unproven", "unproven", "alarm", "halted"]


async def test_a_checkpoint_that_is_not_signed_by_the_portal_says_nothing(log: PortalLog, hospital: Hospital) -> None:
    await log.write(5)
    note = await below(log)
    forged = str(note).replace("\n5\n", "\n6\n")

    async def forging(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, text=forged)

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(forging)) as client:
        assert await hospital.witness(client).look(PORTAL) == "unreachable"


async def test_an_administrator_begins_anew_with_a_reason(log: PortalLog, hospital: Hospital, tmp_path: Path) -> None:
    await log.write(5)
    restored = await log.fork(tmp_path / "restored.db")
    await log.write(3)
    await hospital.looks_at(log)
    await hospital.looks_at(restored)
    async with transaction(hospital.engine) as connection:
        why = "restored from the backup of Monday, agreed by phone"
        assert await witnessed.accept(connection, "portal.example/log", why, "noord", hospital.clock())
        assert not await witnessed.accept(connection, "portal.example/log", why, "noord", hospital.clock())
    assert await hospital.looks_at(restored) == "cosigned"
    alarm, accepted = await events(hospital)
    assert (alarm["kind"], accepted["kind"], accepted["why"]) == ("witness_alarm", "witness_accepted", why)
    await restored.engine.dispose()


async def test_only_hospitals_of_the_directory_put_their_word_below_it(log: PortalLog, hospital: Hospital) -> None:
    await log.write(5)
    async with log.client() as client:
        stranger = hospital.witness(client, KeySet([new_key("stranger-1")]))
        assert await stranger.look(PORTAL) == "unreachable"
        note = await below(log)
        assert len(note.signatures) == 1
        refused = await client.post("/log/cosignatures", content=str(note))
        assert refused.status_code == 401
        other = str(note).replace("\n5\n", "\n4\n")
        assert (await client.post("/log/cosignatures", content=other)).status_code == 409
        many = str(note).replace("\n5\n", f"\n{'9' * 5000}\n")
        for nonsense in ("", "no note", "a\n\n— x y\n", many):
            assert (await client.post("/log/cosignatures", content=nonsense)).status_code == 400


@pytest.mark.parametrize("sizes", ["0/5", "5/4", "3/6", "5/99999999999999999999999", "a/5", "٣/5", "1/" + "9" * 5000])
async def test_a_proof_that_does_not_exist_is_not_given(log: PortalLog, sizes: str) -> None:
    await log.write(5)
    async with log.client() as client:
        assert (await client.get(f"/log/consistency/{sizes}")).status_code == 404
        assert (await client.get("/log/consistency/5/5")).text == ""


async def test_the_portal_tells_how_far_each_hospital_is(log: PortalLog, hospital: Hospital) -> None:
    house = log.house()
    await log.write(5)
    before = await log_standing(house)
    assert (before.size, before.waiting, before.hospitals) == (5, 0, (Standing("noord", 5, None),))
    assert before.behind(log.clock()) == 1
    await hospital.looks_at(log)
    await log.write(2)
    after = await log_standing(house)
    assert (after.size, after.hospitals[0].unseen, after.behind(log.clock())) == (7, 2, 0)
    assert after.behind(log.clock() + timedelta(minutes=30)) == 1


def test_the_command_tells_of_an_alarm_and_begins_anew(tmp_path: Path) -> None:
    async def until_the_alarm() -> None:
        log = await PortalLog.new(tmp_path / "portal.db")
        hospital = await Hospital.new(f"sqlite+aiosqlite:///{tmp_path / 'gateway.db'}")
        await log.write(5)
        restored = await log.fork(tmp_path / "restored.db")
        await log.write(3)
        assert [await hospital.looks_at(log), await hospital.looks_at(restored)] == ["cosigned", "alarm"]
        for engine in (log.engine, restored.engine, hospital.engine):
            await engine.dispose()

    asyncio.run(until_the_alarm())
    trusted = SimpleNamespace(base_url=PORTAL)
    write_new_keys(tmp_path / "portal.jwks.json", "portal-1")
    found = settings(tmp_path, trusted, 8100)  # type: ignore[arg-type]
    config = tmp_path / "noord.toml"
    config.write_text(to_toml(found.model_dump(mode="json", exclude_none=True)))
    told = CliRunner().invoke(app, ["witness", "--config", str(config)])
    assert (told.exit_code, "ALARM: shrunk" in told.stdout) == (1, True)
    assert CliRunner().invoke(app, ["witness", "--config", str(config), "--accept", LOG]).exit_code == 2
    words = ["witness", "--config", str(config), "--accept", LOG, "--reason", "a backup of Monday, by phone"]
    assert "no alarm" in CliRunner().invoke(app, words).stdout
    assert CliRunner().invoke(app, words).exit_code == 2
