"""A folder goes into series packs: one object a series, whole or not at all, and nothing twice."""

import json
import os
import shutil
import subprocess
import sys
from hashlib import sha256

import pytest
from tests.hospital import settings
from tests.hospital_images import BRAMS_CT, HEAD_CT, ISSUER, KNEE_MR, fill, image, large_image, save
from tests.hospital_index import TODAY
from tests.hospital_portal import portal

from beeldpas.database.engine import transaction
from beeldpas.demo.toml import to_toml
from beeldpas.domain.errors import Unavailable
from beeldpas.gateway import packs
from beeldpas.gateway.index import held
from beeldpas.gateway.ingest import Ingest
from beeldpas.gateway.objects.port import full
from beeldpas.gateway.store.packs import passed_over

ALL = (HEAD_CT, KNEE_MR, BRAMS_CT)


async def studies(hospital, *uids):
    async with transaction(hospital.engine) as connection:
        return await held(connection, uids, TODAY)


async def test_the_instances_of_a_series_lie_back_to_back_as_they_are_served(hospital, tmp_path):
    for number in (3, 1, 2):
        save(image(HEAD_CT, 1, number), tmp_path / "import" / str(number), preamble=b"MZ" + bytes(126))
    await hospital.crosswalk()
    await hospital.ingest(tmp_path / "import")
    ((series,),) = [study.series for study in await studies(hospital, HEAD_CT)]
    (pack,) = hospital.files.rglob("*.pack")
    content, at = pack.read_bytes(), 0
    assert [instance.number for instance in series.instances] == [1, 2, 3]
    for instance in series.instances:
        file = instance.file
        original = (tmp_path / "import" / str(instance.number) / f"{instance.sop_uid}.dcm").read_bytes()
        assert (hospital.files / file.key, file.start, file.length) == (pack, at, len(original))
        assert content[at : at + file.length] == bytes(128) + original[128:]
        assert sha256(content[at : at + file.length]).digest() == instance.sha256
        at += file.length
    listed, _, foot = content[at:].partition(b"]}")
    assert [one["sop_uid"] for one in json.loads(listed + b"]}")["instances"]] == [
        instance.sop_uid for instance in series.instances
    ]
    assert foot.endswith(b"beeldpas pack 1\n")


async def test_files_of_many_series_in_one_heap_are_sorted_and_read_by_processes(hospital, tmp_path):
    for number in range(1, 33):
        for series in range(1, 5):
            save(image(HEAD_CT, series, number), tmp_path / "import")
    (tmp_path / "import" / "zz.dcm").write_bytes(bytes(128) + b"DICM" + bytes(4096))
    await hospital.crosswalk()
    done = await hospital.ingest(tmp_path / "import")
    assert (done.indexed, done.left, [one.reason for one in done.skipped]) == (128, 0, ["uid"])
    assert len(list(hospital.files.rglob("*.pack"))) == 4
    (study,) = await studies(hospital, HEAD_CT)
    for series in study.series:
        starts = [instance.file.start for instance in series.instances]
        assert (len(starts), starts) == (32, sorted(starts)), "it lies in the order in which it is read"


async def test_an_instance_that_comes_later_goes_into_another_pack(hospital, tmp_path):
    fill(tmp_path / "import")
    await hospital.crosswalk()
    await hospital.ingest(tmp_path / "import")
    before, there = await hospital.generation(), {path: path.stat() for path in hospital.files.rglob("*.pack")}
    save(image(HEAD_CT, 1, 6), tmp_path / "import" / "a")
    done = await hospital.ingest(tmp_path / "import")
    assert (done.indexed, done.unchanged) == (1, 11)
    assert {path: path.stat() for path in there} == there, "nobody who reads is disturbed"
    assert len(list(hospital.files.rglob("*.pack"))) == len(there) + 1
    assert await hospital.served(HEAD_CT) == {HEAD_CT: 10}
    assert await hospital.served(HEAD_CT, at=before) == {HEAD_CT: 9}


async def test_an_ingest_that_was_stopped_between_storing_and_indexing_leaves_no_second_copy(
    hospital, tmp_path, monkeypatch
):
    fill(tmp_path / "import")
    await hospital.crosswalk()
    work = Ingest(hospital.engine, hospital.store, ISSUER)

    async def killed(_looks):
        raise KeyboardInterrupt

    monkeypatch.setattr(work._intake, "keep", killed)
    with pytest.raises(KeyboardInterrupt):
        await work.from_folder(tmp_path / "import")
    assert len(list(hospital.files.rglob("*.pack"))) == 1
    done = await hospital.ingest(tmp_path / "import")
    assert (done.indexed, done.unchanged) == (11, 5), "the five of that pack were taken up, then found to be held"
    assert len(list(hospital.files.rglob("*.pack"))) == 6
    assert await hospital.served(*ALL) == {HEAD_CT: 9, KNEE_MR: 1, BRAMS_CT: 1}


async def test_a_disk_that_is_full_keeps_whole_series_and_says_how_much_was_left(hospital, tmp_path, monkeypatch):
    fill(tmp_path / "import")
    await hospital.crosswalk()
    put, room = hospital.store.put, 3

    def limited(key, content, size):
        nonlocal room
        room -= 1
        if room < 0:
            raise full()
        return put(key, content, size)

    monkeypatch.setattr(hospital.store, "put", limited)
    work = Ingest(hospital.engine, hospital.store, ISSUER)
    with pytest.raises(Unavailable) as refused:
        await work.from_folder(tmp_path / "import")
    assert (refused.value.reason, refused.value.retryable) == ("disk_full", False)
    assert (work.done.indexed, work.done.left) == (8, 3)
    assert await hospital.served(HEAD_CT) == {HEAD_CT: 8}
    assert len([path for path in hospital.files.rglob("*") if path.is_file()]) == 3
    monkeypatch.undo()
    done = await hospital.ingest(tmp_path / "import")
    assert (done.indexed, done.unchanged, done.left) == (3, 8, 0)


async def test_a_file_that_changes_while_its_pack_is_written_is_left_out(hospital, tmp_path, monkeypatch):
    fill(tmp_path / "import")
    await hospital.crosswalk()
    victim = tmp_path / "import" / "a" / f"{HEAD_CT}.1.2.dcm"
    write = packs.write

    def meanwhile(store, study_uid, series_uid, sources):
        if any(source.path == victim for source in sources):
            victim.write_bytes(victim.read_bytes()[:-2])
        return write(store, study_uid, series_uid, sources)

    monkeypatch.setattr(packs, "write", meanwhile)
    done = await hospital.ingest(tmp_path / "import")
    assert [(one.key, one.reason) for one in done.skipped] == [(f"a/{HEAD_CT}.1.2.dcm", "changed")]
    assert (done.indexed, done.left) == (10, 0)
    assert len([path for path in hospital.files.rglob("*") if path.is_file()]) == 6


async def test_the_index_is_made_anew_from_the_packs_alone(hospital, tmp_path):
    fill(tmp_path / "import")
    await hospital.crosswalk()
    await hospital.ingest(tmp_path / "import")
    before = await studies(hospital, *ALL)
    async with transaction(hospital.engine) as connection:
        for table in ("report", "instance_metadata", "instance", "series", "study", "seen_object"):
            await connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608  (names of our own)
    done = await hospital.ingest()
    assert (done.indexed, done.skipped) == (11, [])
    assert [_plain(study) for study in await studies(hospital, *ALL)] == [_plain(study) for study in before]


async def test_a_pack_that_was_damaged_loses_what_was_damaged_and_no_more(hospital, tmp_path):
    fill(tmp_path / "import")
    await hospital.crosswalk()
    await hospital.ingest(tmp_path / "import")
    (study,) = await studies(hospital, HEAD_CT)
    hurt = study.series[0].instances[1].file
    _flip(hospital.files / hurt.key, hurt.start + hurt.length - 100)
    knee = (await studies(hospital, KNEE_MR))[0].series[0].instances[0].file
    _flip(hospital.files / knee.key, (hospital.files / knee.key).stat().st_size - 40)
    done = await hospital.ingest()
    assert [(one.key, one.reason) for one in done.skipped] == [
        (hurt.key, "pack_damaged"),
        (knee.key, "pack_damaged"),
    ]
    assert await hospital.served(*ALL) == {HEAD_CT: 8, BRAMS_CT: 1}
    again = await hospital.ingest(tmp_path / "import")
    assert (again.indexed, again.unchanged) == (2, 9), "the originals fill the gap"


async def test_a_copy_within_a_pack_takes_the_place_of_the_file_that_went(hospital, tmp_path):
    fill(tmp_path / "import")
    await hospital.crosswalk()
    await hospital.ingest(tmp_path / "import")
    (pack,) = (path for path in hospital.files.rglob("*.pack") if f"{HEAD_CT}.1" in path.parts)
    copy = pack.with_name("0copy.pack")
    shutil.copy(pack, copy)
    done = await hospital.ingest()
    assert {one.reason for one in done.skipped} == {"duplicate"}
    async with transaction(hospital.engine) as connection:
        assert len((await connection.execute(passed_over.select())).all()) == 5
    pack.unlink()
    done = await hospital.ingest()
    assert (done.indexed, done.gone) == (5, 5)
    assert await hospital.served(HEAD_CT) == {HEAD_CT: 9}


def test_the_command_says_in_words_what_went_wrong_when_the_disk_is_full(tmp_path):
    """A real limit of the operating system: no file may grow beyond 2 MB."""
    save(image(HEAD_CT, 1, 1), tmp_path / "import")
    save(large_image(KNEE_MR, 1, 4 * 1024 * 1024), tmp_path / "import")
    with portal(tmp_path) as trusted:
        found = settings(tmp_path, trusted, 8100)
    (tmp_path / "files").mkdir()
    config = tmp_path / "noord.toml"
    config.write_text(to_toml(found.model_dump(mode="json", exclude_none=True)))
    words = [sys.executable, "-m", "beeldpas", "gateway", "ingest", "--config", config, tmp_path / "import"]
    done = subprocess.run(["prlimit", "--fsize=2000000", *words], capture_output=True, text=True, check=False)
    assert (done.returncode, "no room left on the store" in done.stderr) == (2, True), done.stderr
    assert "1 indexed" in done.stdout
    assert "1 files were not taken in, and nothing of them is stored" in done.stderr
    assert [path.suffix for path in (tmp_path / "files").rglob("*") if path.is_file()] == [".pack"]


def _flip(path, place):
    with path.open("r+b") as file:
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes([byte ^ 1]))
    found = path.stat()
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns + 1_000_000))


def _plain(study):
    return (
        study.uid,
        study.patient_name,
        [
            (
                series.uid,
                [
                    (one.sop_uid, one.number, one.file, one.sha256, one.leaf_record, one.report)
                    for one in series.instances
                ],
            )
            for series in study.series
        ],
    )
