"""Programs that are not ours open an archive: Info-ZIP, dcmtk, pydicom's file-set."""

import re
import shutil
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path

import pydicom
import pytest
from pydicom.fileset import FileSet
from tests.hospital import open_hospital
from tests.hospital_images import BRAMS_CT, HEAD_CT, KNEE_MR, fill, image, save

UNDATED = "1.2.826.0.1.5"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of four studies, of which a DICOMDIR cannot list one."""
    folder = tmp_path_factory.mktemp("noord")
    fill(folder / "files")
    undated = image(UNDATED, 1, 1)
    undated.StudyDate, undated.StudyID = "", ""
    save(undated, folder / "files" / "d")
    with open_hospital(folder) as noord:
        path, lease = noord.lease([HEAD_CT, KNEE_MR, BRAMS_CT, UNDATED])
        target = folder / "archive.zip"
        target.write_bytes(noord.client.get(path, headers=lease).content)
    return target


@pytest.fixture(scope="module")
def unpacked(archive: Path) -> Iterator[Path]:
    folder = archive.with_suffix("")
    subprocess.run(["unzip", "-q", str(archive), "-d", str(folder)], check=True)
    yield folder
    shutil.rmtree(folder)


def images(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "DICOM").rglob("*") if path.is_file())


def run(*command: object) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_info_zip_finds_no_error_and_nothing_odd(archive):
    assert "No errors detected" in run("unzip", "-t", archive)
    assert "ZIP64" not in run("unzip", "-Z", "-v", archive).upper()


def test_unpacked_files_have_ordinary_permissions_and_the_date_of_the_study(unpacked):
    listed = {path.relative_to(unpacked).as_posix(): path.stat() for path in unpacked.rglob("*") if path.is_file()}
    assert {oct(found.st_mode & 0o777) for found in listed.values()} == {"0o644"}
    dates = run("unzip", "-Z", "-T", unpacked.with_suffix(".zip"))
    assert "20260503.101500 DICOM/ST000002/SE000001/IM000001" in dates
    assert "19800101.000000 DICOM/ST000001/SE000001/IM000001" in dates


def test_every_name_is_fit_for_any_medium(unpacked):
    for path in (path.relative_to(unpacked) for path in unpacked.rglob("*")):
        assert all(re.fullmatch(r"[A-Z0-9_]{1,8}(\.[A-Z]{3})?", part) for part in path.parts), path


def test_dcmtk_takes_every_file_for_dicom(unpacked):
    told = run("dcmftest", unpacked / "DICOMDIR", *images(unpacked))
    assert told.count("yes:") == len(images(unpacked)) + 1


def test_dcmtk_reads_the_directory_without_a_word(unpacked):
    told = run("dcmdump", unpacked / "DICOMDIR")
    assert not re.search(r"^[EW]:", told, re.MULTILINE)
    assert len(re.findall(r"refFileID=", told)) == len(images(unpacked)) - 1


def test_dcmtk_makes_a_directory_of_the_same_records(unpacked, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(unpacked, copy)
    listed = [path for path in images(copy) if not path.is_relative_to(copy / "DICOM" / "ST000001")]
    (copy / "DICOMDIR").unlink()
    relative = [path.relative_to(copy) for path in listed]
    subprocess.run(["dcmmkdir", "-Pgp", "-q", *map(str, relative)], cwd=copy, check=True)
    ours, theirs = (kinds(folder / "DICOMDIR") for folder in (unpacked, copy))
    assert ours == theirs


def kinds(file: Path) -> list[str]:
    records = pydicom.dcmread(file).DirectoryRecordSequence
    return sorted(record.DirectoryRecordType for record in records)


def test_pydicom_walks_the_file_set_and_finds_every_file(unpacked):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = FileSet(unpacked / "DICOMDIR")
    assert sorted(found.find_values("StudyInstanceUID")) == sorted([HEAD_CT, KNEE_MR, BRAMS_CT])
    for one in found:
        assert pydicom.dcmread(one.path, stop_before_pixels=True).SOPInstanceUID == one.SOPInstanceUID
    found._stage["t"].cleanup()


def test_what_the_directory_cannot_list_is_in_the_readme(unpacked):
    readme = (unpacked / "README.TXT").read_text("ascii")
    assert "DICOM/ST000001  ontbreekt: StudyDate, StudyID" in readme
    assert pydicom.dcmread(unpacked / "DICOM/ST000001/SE000001/IM000001").StudyInstanceUID == UNDATED
    assert "Jansen" not in readme
