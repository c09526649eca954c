"""The scrub: what a disk forgets is found before somebody needs it, and forgiven when it is whole again."""

import asyncio
import os
from datetime import timedelta

import pytest
from structlog.testing import capture_logs
from tests.hospital import Clock, open_hospital, wait_until
from tests.hospital_images import BRAMS_CT, HEAD_CT, KNEE_MR, fill, image, save
from tests.hospital_index import TODAY

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import Unavailable
from beeldpas.gateway import scrub as scrub_module
from beeldpas.gateway.index import held
from beeldpas.gateway.objects.port import failed
from beeldpas.gateway.scrub import Scrub, count_damaged
from beeldpas.gateway.settings import ScrubSettings
from beeldpas.gateway.status import utc_now


@pytest.fixture
async def packed(hospital, tmp_path):
    """Packs of three studies, and one loose file."""
    fill(tmp_path / "import")
    await hospital.crosswalk()
    await hospital.ingest(tmp_path / "import")
    save(image(KNEE_MR, 1, 2, sample="MR_small.dcm"), hospital.files)
    await hospital.ingest()
    return hospital


async def file_of(hospital, study, number=0):
    async with transaction(hospital.engine) as connection:
        return (await held(connection, [study], TODAY))[0].series[0].instances[number].file


async def damaged(hospital):
    async with transaction(hospital.engine) as connection:
        return await count_damaged(connection)


def rot(path, place):
    """One bit falls over; size and time of change stay."""
    found = path.stat()
    with path.open("r+b") as file:
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes([byte ^ 1]))
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


async def test_everything_is_whole(packed):
    assert await Scrub(packed.engine, packed.store, utc_now).once() == (12, [])


async def test_one_bit_that_fell_over_within_a_pack_is_found_and_names_one_instance(packed):
    hurt = await file_of(packed, HEAD_CT, 3)
    rot(packed.files / hurt.key, hurt.start + 5000)
    scrub = Scrub(packed.engine, packed.store, utc_now)
    with capture_logs() as logs:
        count, found = await scrub.once()
    assert (count, [(one.key, one.start, one.reason) for one in found]) == (12, [(hurt.key, hurt.start, "altered")])
    assert [(line["log_level"], line["event"]) for line in logs] == [("error", "instance_damaged")]
    assert "1.2.826" not in str(logs)
    assert await damaged(packed) == 1
    with capture_logs() as logs:
        assert len((await scrub.once())[1]) == 1
    assert logs == [], "an alarm is raised once"
    rot(packed.files / hurt.key, hurt.start + 5000)
    with capture_logs() as logs:
        assert (await scrub.once())[1] == []
    assert [line["event"] for line in logs] == ["instance_whole_again"]
    assert await damaged(packed) == 0


async def test_what_is_gone_or_another_is_found(packed):
    pack, loose = await file_of(packed, BRAMS_CT), await file_of(packed, KNEE_MR, 1)
    (packed.files / pack.key).unlink()
    (packed.files / loose.key).write_bytes(b"something else")
    _, found = await Scrub(packed.engine, packed.store, utc_now).once()
    assert {(one.key, one.reason) for one in found} == {(pack.key, "gone"), (loose.key, "altered")}
    assert await damaged(packed) == 2
    await packed.ingest()
    assert await damaged(packed) == 0, "what is served no more is no damage"


async def test_a_store_that_does_not_answer_is_no_damage(packed, monkeypatch):
    def silent(*_arguments):
        raise failed()

    monkeypatch.setattr(packed.store, "open", silent)
    with pytest.raises(Unavailable):
        await Scrub(packed.engine, packed.store, utc_now).once()
    assert await damaged(packed) == 0


async def test_a_round_goes_on_where_the_program_was_stopped_and_begins_again_in_time(packed, monkeypatch):
    monkeypatch.setattr(scrub_module, "_AT_ONCE", 5)
    clock, settings, opened = Clock(), ScrubSettings(days_per_round=30), []
    store_open = packed.store.open
    monkeypatch.setattr(
        packed.store, "open", lambda key, version, start, length: (
            opened.append((key, start)), store_open(key, version, start, length))[1],
    )  # fmt: skip

    async def step():
        return await Scrub(packed.engine, packed.store, clock)._go_on(settings)

    assert [await step() for _ in range(3)] == [0.0, 0.0, 0.0]
    assert (len(opened), len(set(opened))) == (12, 12)
    assert 0 < await step() <= 3600
    assert len(opened) == 12, "the round is over, the next one waits for its day"
    clock.moved += timedelta(days=31)
    assert await step() == 0.0
    await step()
    assert len(opened) == 17


async def test_it_stops_at_once_in_the_middle_of_an_image(packed, monkeypatch):
    monkeypatch.setattr(scrub_module, "_FIRST_SECONDS", 0)
    monkeypatch.setattr(scrub_module, "_LEAST_BYTES_PER_SECOND", 1)
    began = asyncio.Event()
    store_open, loop = packed.store.open, asyncio.get_running_loop()

    def opened(*arguments):
        loop.call_soon_threadsafe(began.set)
        return store_open(*arguments)

    monkeypatch.setattr(packed.store, "open", opened)
    running = asyncio.create_task(
        Scrub(packed.engine, packed.store, utc_now).run(ScrubSettings(most_bytes_per_second=1))
    )
    await began.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await asyncio.wait_for(loop.shutdown_default_executor(), 10)


def test_a_hospital_that_serves_finds_by_itself_what_rotted_and_says_how_much(tmp_path, monkeypatch):
    monkeypatch.setattr(scrub_module, "_FIRST_SECONDS", 0)
    with open_hospital(tmp_path, scrub={"days_per_round": 0}) as served:
        assert "\nbeeldpas_gateway_instances_damaged 0.0\n" in served.client.get("/metrics").text
    rot(next((tmp_path / "files").rglob("*.dcm")), 5000)
    with open_hospital(tmp_path) as served:
        wait_until(lambda: "\nbeeldpas_gateway_instances_damaged 1.0\n" in served.client.get("/metrics").text)
