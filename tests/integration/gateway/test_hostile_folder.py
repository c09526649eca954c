"""A folder with everything that is broken or means harm: each is named, and the good images are served."""

import os
import re
import socket
import subprocess
from pathlib import Path
from zipfile import ZipFile

from tests.hospital import open_hospital
from tests.hospital_images import BRAMS_CT, HEAD_CT, KNEE_MR, fill, image, save
from tests.hostile import STUDY, corpus

CORPUS = corpus()
GOOD = {HEAD_CT: 9, KNEE_MR: 1, BRAMS_CT: 1}
NAMES = (
    b"two\nlines.dcm",
    b"\xff\xfe\xc3.dcm",
    b"-rf.dcm",
    b"\x1b[2Jscreen.dcm",
    b"x" * 251 + b".dcm",
    "\u202emcd.exe.dcm".encode(),
    b"50%25.dcm",
    b"50%.dcm",
)


def spread(folder: Path) -> None:
    """Write the whole corpus."""
    folder.mkdir()
    for one in CORPUS:
        (folder / one.name).write_bytes(one.content)


async def test_every_hostile_file_is_named_with_its_reason(hospital):
    fill(hospital.files)
    spread(hospital.files / "z")
    await hospital.crosswalk()
    done = await hospital.ingest()
    reasons = {one.name: one.reason for one in CORPUS}
    left_out = {Path(outcome.key).name: outcome.reason for outcome in done.skipped}
    assert {name: reason for name, reason in left_out.items() if reasons[name]} == {
        name: reason for name, reason in reasons.items() if reason
    }
    assert {reason for name, reason in left_out.items() if not reasons[name]} <= {"uid_in_use"}
    assert await hospital.served(*GOOD) == GOOD
    again = await hospital.ingest()
    assert (again.indexed, len(again.skipped)) == (0, len(done.skipped))


async def test_of_a_folder_that_is_copied_only_the_good_files_are_stored(hospital, tmp_path):
    fill(tmp_path / "import")
    spread(tmp_path / "import" / "z")
    (tmp_path / "import" / "two\nlines.txt").write_text("no image")
    await hospital.crosswalk()
    done = await hospital.ingest(tmp_path / "import")
    reasons = {one.name: one.reason for one in CORPUS} | {"two%0Alines.txt": "not_part10"}
    left_out = {Path(outcome.key).name: outcome.reason for outcome in done.skipped}
    assert {name: reason for name, reason in left_out.items() if reasons[name]} == {
        name: reason for name, reason in reasons.items() if reason
    }
    assert await hospital.served(*GOOD) == GOOD
    stored = {str(path.relative_to(hospital.files)) for path in hospital.files.rglob("*") if path.is_file()}
    assert all(re.fullmatch(r"[0-9.]+/[0-9.]+/\d+\.pack", name) for name in stored)
    rebuilt = await hospital.ingest()
    assert (rebuilt.unchanged, rebuilt.skipped) == (done.indexed, [])


async def test_what_is_no_file_is_passed_over(hospital, tmp_path):
    """FIFOs block whoever opens them, links lead out of the folder, a device never ends."""
    fill(hospital.files)
    secret = save(image(STUDY, 90, 1), tmp_path / "elsewhere")
    (hospital.files / "link.dcm").symlink_to(secret)
    (hospital.files / "links").symlink_to(secret.parent)
    (hospital.files / "round").symlink_to(hospital.files)
    (hospital.files / "broken.dcm").symlink_to("nowhere")
    (hospital.files / "folder.dcm").mkdir()
    os.mkfifo(hospital.files / "fifo.dcm")
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(hospital.files / "socket.dcm"))
        await hospital.crosswalk()
        done = await hospital.ingest()
    assert (done.indexed, done.skipped) == (11, [])
    assert await hospital.served(STUDY, *GOOD) == GOOD


async def test_what_is_no_file_is_not_copied_from_a_folder_either(hospital, tmp_path):
    source = tmp_path / "import"
    fill(source)
    secret = save(image(STUDY, 90, 1), tmp_path / "elsewhere")
    (source / "link.dcm").symlink_to(secret)
    (source / "links").symlink_to(secret.parent)
    os.mkfifo(source / "fifo.dcm")
    await hospital.crosswalk()
    done = await hospital.ingest(source)
    assert done.indexed == 11
    assert await hospital.served(STUDY, *GOOD) == GOOD


async def test_names_that_are_hard_to_write_down(hospital):
    """The name of a file is data by somebody else; it must end nothing and forge no line of a report."""
    for number, name in enumerate(NAMES, 1):
        file = hospital.files / os.fsdecode(name)
        save(image(HEAD_CT, 1, number), hospital.files).replace(file)
        file.with_name(f"text-{file.name[:200]}").write_text("no image")
    await hospital.crosswalk()
    done = await hospital.ingest()
    assert [outcome.reason for outcome in done.skipped] == ["not_part10"] * len(NAMES)
    assert all(outcome.key.isprintable() for outcome in done.skipped)
    assert await hospital.served(HEAD_CT) == {HEAD_CT: len(NAMES)}
    again = await hospital.ingest()
    assert (again.indexed, again.unchanged) == (0, len(NAMES))


async def test_a_path_that_the_index_cannot_keep_is_named(hospital):
    deep = hospital.files.joinpath(*["d" * 200] * 6)
    save(image(HEAD_CT, 1, 1), deep)
    save(image(HEAD_CT, 1, 2), hospital.files)
    await hospital.crosswalk()
    done = await hospital.ingest()
    assert (done.indexed, [outcome.reason for outcome in done.skipped]) == (1, ["name"])
    assert await hospital.served(HEAD_CT) == {HEAD_CT: 1}


def test_what_is_odd_but_whole_harms_nobody_who_downloads_it(tmp_path):
    fill(tmp_path / "files")
    spread(tmp_path / "files" / "z")
    with open_hospital(tmp_path) as noord:
        path, lease = noord.lease([HEAD_CT, STUDY])
        archive = tmp_path / "archive.zip"
        archive.write_bytes(noord.client.get(path, headers=lease).content)
        assert noord.client.get("/health/ready").status_code == 200
    with ZipFile(archive) as found:
        assert found.testzip() is None
        names = found.namelist()
        images = [found.read(name) for name in names if name.startswith("DICOM/")]
        pages = [found.read(name) for name in names if name.endswith((".HTM", ".TXT"))]
    assert all(re.fullmatch(r"([A-Z0-9]{1,8}/){0,3}[A-Z0-9]{1,8}(\.[A-Z]{3})?", name) for name in names), names
    assert {content[:132] for content in images} == {bytes(128) + b"DICM"}
    assert len(images) > 30
    assert not any(b"<script>alert" in page or b"<img" in page for page in pages)
    unpacked = tmp_path / "unpacked"
    subprocess.run(["unzip", "-q", str(archive), "-d", str(unpacked)], check=True)
    listed = subprocess.run(["dcmdump", "-q", str(unpacked / "DICOMDIR")], capture_output=True, check=True).stdout
    assert listed.count(b"ReferencedFileID") > 30
