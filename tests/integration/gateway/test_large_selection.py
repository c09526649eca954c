"""A study of 66,000 images and more than 4 GiB, downloaded from a running gateway and opened by Info-ZIP.

One image lies on the disk; the index names it 66,000 times, so that the archive is real and the disk hardly used.
"""

import sqlite3
import subprocess
from pathlib import Path
from zipfile import ZipFile

import pydicom
import pytest
from tests.gateway_process import program
from tests.hospital_images import HEAD_CT, large_image, save

IMAGES = 66_000


def multiply(database: Path, times: int) -> None:
    """Name the one image of the index so many times, under UIDs of their own."""
    changed = {"id": "n + 10", "number": "n", "sop_uid": "sop_uid || '.' || n"}
    with sqlite3.connect(database) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(instance)")]
        names, values = ", ".join(columns), ", ".join(changed.get(name, name) for name in columns)
        counted = "WITH RECURSIVE counted(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM counted WHERE n < ?)"
        copied = f"SELECT {values} FROM instance, counted WHERE instance.id < 10"  # noqa: S608  (columns of ours)
        connection.execute(f"{counted} INSERT INTO instance ({names}) {copied}", (times,))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_66000_images_and_more_than_4_gib(tmp_path):
    save(large_image(HEAD_CT, 1, 65536), tmp_path / "files")
    with program(tmp_path) as gateway:
        multiply(tmp_path / "gateway.db", IMAGES)
        address, lease = gateway.lease([HEAD_CT])
        target = tmp_path / "archive.zip"
        subprocess.run(["curl", "-sS", "--fail", "-H", lease, "-o", str(target), address], check=True)
        resumed = subprocess.run(
            ["curl", "-sS", "--fail", "-H", lease, "-r", "4300000000-4300000099", address],
            capture_output=True,
            check=True,
        ).stdout
    assert target.stat().st_size > 1 << 32
    with target.open("rb") as file:
        file.seek(4_300_000_000)
        assert file.read(100) == resumed
    with ZipFile(target) as archive:
        assert len([name for name in archive.namelist() if name.startswith("DICOM/")]) == IMAGES
        (tmp_path / "DICOMDIR").write_bytes(archive.read("DICOMDIR"))
    assert len(pydicom.dcmread(tmp_path / "DICOMDIR").DirectoryRecordSequence) == IMAGES + 3
    told = subprocess.run(["unzip", "-tq", str(target)], capture_output=True, text=True, check=False)
    assert (told.returncode, "No errors detected" in told.stdout) == (0, True), told.stdout[-500:]
    target.unlink()
