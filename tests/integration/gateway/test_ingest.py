"""Taking files into the index, on both databases: what is readable, what is not, twice, and interrupted."""

import shutil
from hashlib import sha256

import pytest
from tests.cast import ANNA
from tests.hospital_images import BRAMS_CT, HEAD_CT, ISSUER, KNEE_MR, fill, image, save
from tests.hospital_index import TODAY

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import Conflict
from beeldpas.gateway.index import held
from beeldpas.gateway.ingest import Ingest


async def test_every_readable_file_is_indexed_and_the_rest_is_named(hospital):
    fill(hospital.files)
    (hospital.files / "LEESMIJ.TXT").write_text("geen beeld")
    (hospital.files / "a" / "half.dcm").write_bytes(next(hospital.files.glob("c/*.dcm")).read_bytes()[:9000])
    (hospital.files / "empty.dcm").touch()
    shutil.copy(next(hospital.files.glob("b/*.dcm")), hospital.files / "b" / "zz-copy.dcm")
    await hospital.crosswalk()
    done = await hospital.ingest()
    assert (done.indexed, done.unchanged) == (11, 0)
    assert sorted((outcome.key, outcome.reason) for outcome in done.skipped) == [
        ("LEESMIJ.TXT", "not_part10"),
        ("a/half.dcm", "truncated"),
        ("b/zz-copy.dcm", "duplicate"),
        ("empty.dcm", "not_part10"),
    ]
    assert await hospital.served(HEAD_CT, KNEE_MR, BRAMS_CT) == {HEAD_CT: 9, KNEE_MR: 1, BRAMS_CT: 1}


async def test_twice_changes_nothing(hospital):
    fill(hospital.files)
    (hospital.files / "LEESMIJ.TXT").write_text("geen beeld")
    first = await hospital.ingest()
    before = await hospital.generation()
    again = await hospital.ingest()
    assert (again.indexed, again.unchanged, len(again.skipped)) == (0, first.indexed, 1)
    assert await hospital.generation() == before


async def test_what_is_known_of_a_file_is_of_its_bytes_as_served(hospital):
    file = save(image(HEAD_CT, 1, 1), hospital.files, preamble=b"MZ" + bytes(126))
    await hospital.crosswalk()
    await hospital.ingest()
    async with transaction(hospital.engine) as connection:
        (study,) = await held(connection, [HEAD_CT], TODAY)
    (instance,) = study.instances
    content = file.read_bytes()
    assert content.startswith(b"MZ")
    assert instance.sha256 == sha256(bytes(128) + content[128:]).digest()
    assert (instance.file.length, instance.file.start) == (len(content), 0)
    assert study.bsn == ANNA.bsn


async def test_an_interrupted_ingest_is_continued(hospital, monkeypatch):
    fill(hospital.files)
    await hospital.crosswalk()
    monkeypatch.setattr("beeldpas.gateway.ingest._BATCH", 4)
    work = Ingest(hospital.engine, hospital.store, ISSUER)
    keep, kept = work._keep, 0

    async def interrupted(looks):
        nonlocal kept
        if kept == 2:
            raise KeyboardInterrupt
        kept += 1
        await keep(looks)

    monkeypatch.setattr(work, "_keep", interrupted)
    with pytest.raises(KeyboardInterrupt):
        await work.from_store()
    done = await hospital.ingest()
    assert (done.indexed, done.unchanged) == (3, 8)
    assert await hospital.served(HEAD_CT) == {HEAD_CT: 9}


async def test_a_folder_is_copied_into_the_store_once(hospital, tmp_path):
    fill(tmp_path / "import")
    await hospital.crosswalk()
    done = await hospital.ingest(tmp_path / "import")
    assert (done.indexed, done.left) == (11, 0)
    kept = sorted(hospital.files.rglob("*.pack"))
    assert len(kept) == 6, "one object a series"
    again = await hospital.ingest(tmp_path / "import")
    assert (again.indexed, again.unchanged) == (0, 11)
    assert (await hospital.ingest()).unchanged == 11
    assert sorted(path for path in hospital.files.rglob("*") if path.is_file()) == kept


async def test_another_file_under_a_known_uid_is_left_out_and_the_first_stays(hospital, tmp_path):
    save(image(HEAD_CT, 1, 1), hospital.files)
    await hospital.crosswalk()
    await hospital.ingest()
    other = image(HEAD_CT, 1, 1)
    other.PixelData = bytes(len(other.PixelData))
    save(other, tmp_path / "import")
    done = await hospital.ingest(tmp_path / "import")
    assert [outcome.reason for outcome in done.skipped] == ["uid_in_use"]
    assert len(list(hospital.files.rglob("*.dcm"))) == 1


async def test_a_changed_file_replaces_what_it_was_and_an_earlier_generation_keeps_it(hospital):
    save(image(HEAD_CT, 1, 1), hospital.files)
    save(image(HEAD_CT, 1, 2), hospital.files)
    await hospital.crosswalk()
    await hospital.ingest()
    before = await hospital.generation()
    (hospital.files / f"{HEAD_CT}.1.2.dcm").unlink()
    save(image(HEAD_CT, 1, 3), hospital.files)
    done = await hospital.ingest()
    assert (done.indexed, done.unchanged, done.gone) == (1, 1, 1)
    async with transaction(hospital.engine) as connection:
        now, then = await held(connection, [HEAD_CT], TODAY), await held(connection, [HEAD_CT], TODAY, before)
    assert [instance.number for instance in now[0].instances] == [1, 3]
    assert [instance.number for instance in then[0].instances] == [1, 2]


async def test_a_copy_that_was_passed_over_takes_the_place_of_the_one_that_went(hospital):
    first = save(image(HEAD_CT, 1, 1), hospital.files)
    shutil.copy(first, hospital.files / "zz-copy.dcm")
    await hospital.crosswalk()
    assert [outcome.reason for outcome in (await hospital.ingest()).skipped] == ["duplicate"]
    first.unlink()
    done = await hospital.ingest()
    assert (done.indexed, done.gone, done.skipped) == (1, 1, [])
    assert await hospital.served(HEAD_CT) == {HEAD_CT: 1}


async def test_a_file_that_moved_is_found_again(hospital):
    file = save(image(HEAD_CT, 1, 1), hospital.files)
    await hospital.crosswalk()
    await hospital.ingest()
    file.rename(hospital.files / "elsewhere.dcm")
    done = await hospital.ingest()
    assert (done.indexed, done.gone) == (1, 1)
    assert await hospital.served(HEAD_CT) == {HEAD_CT: 1}


async def test_a_touched_file_is_the_same_file(hospital):
    file = save(image(HEAD_CT, 1, 1), hospital.files)
    await hospital.ingest()
    file.touch()
    done = await hospital.ingest()
    assert (done.indexed, done.unchanged, done.gone) == (0, 1, 0)


async def test_a_store_that_is_not_mounted_empties_nothing(hospital):
    save(image(HEAD_CT, 1, 1), hospital.files)
    await hospital.crosswalk()
    await hospital.ingest()
    shutil.rmtree(hospital.files)
    hospital.files.mkdir()
    with pytest.raises(Conflict, match="store_empty"):
        await hospital.ingest()
    assert await hospital.served(HEAD_CT) == {HEAD_CT: 1}
