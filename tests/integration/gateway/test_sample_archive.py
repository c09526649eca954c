"""Every sample file of pydicom as one hospital's archive, opened by programs that are not ours.

The samples are odd on purpose; what a program says of an entry is compared with what it says of the hospital's file.
"""

import re
import shutil
import subprocess
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from sysconfig import get_path
from zipfile import ZipFile

import pydicom
import pytest
from pydicom.fileset import FileSet
from tests.sample_hospital import sample_hospital

from beeldpas.gateway.ingest import Ingested

DICOM3TOOLS = Path(get_path("scripts"))
# Why dcmmkdir leaves out a file that our directory lists: its profile is for media, ours lists whatever is there.
LISTED_ALL_THE_SAME = {
    "a transfer syntax that the profile does not allow on media": r"expected but \w+ found",
    "a header without pixels, made for tests": r"required attribute (Rows|Columns) \S+ missing",
    "a value of odd length, or longer than its kind allows": r"(not a multiple of 2|is odd|exceeds|maximum length)",
}


@dataclass
class Unpacked:
    """The archive, the folder it was unpacked into, and the hospital's own files."""

    archive: Path
    folder: Path
    files: Path
    done: Ingested

    @cached_property
    def images(self) -> list[Path]:
        return sorted(path for path in (self.folder / "DICOM").rglob("*") if path.is_file())

    @property
    def of_each_series(self) -> list[Path]:
        return [image for image in self.images if image.name == "IM000001"]

    @cached_property
    def listed(self) -> dict[str, pydicom.Dataset]:
        """The records of our DICOMDIR that name a file, by path."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            records = pydicom.dcmread(self.folder / "DICOMDIR").DirectoryRecordSequence
        return {"/".join(one.ReferencedFileID): one for one in records if "ReferencedFileID" in one}

    def source(self, image: Path) -> Path:
        """The hospital's file that an entry came from."""
        return self._sources[sha256(image.read_bytes()).digest()]

    @cached_property
    def _sources(self) -> dict[bytes, Path]:
        files = [path for path in self.files.rglob("*") if path.is_file()]
        return {sha256(bytes(128) + path.read_bytes()[128:]).digest(): path for path in files}


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Unpacked]:
    folder = tmp_path_factory.mktemp("samples")
    with sample_hospital(folder) as (noord, done, studies):
        path, lease = noord.lease(studies)
        archive = folder / "archive.zip"
        archive.write_bytes(noord.client.get(path, headers=lease).content)
    subprocess.run(["unzip", "-q", str(archive), "-d", str(folder / "unpacked")], check=True)
    yield Unpacked(archive, folder / "unpacked", folder / "files", done)
    shutil.rmtree(folder)


def run(*command: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    words = [str(word) for word in command]
    return subprocess.run(words, capture_output=True, text=True, check=False, cwd=cwd, errors="replace")


def test_every_sample_is_in_it_or_was_left_out_with_a_reason(samples):
    assert samples.done.indexed == len(samples.images) > 110
    assert {outcome.reason for outcome in samples.done.skipped} == {
        "dicomdir", "duplicate", "not_part10", "truncated", "uid", "uid_in_use",
    }  # fmt: skip
    whole = {path for path in samples.files.rglob("*") if path.is_file()}
    assert len(whole) == samples.done.indexed + len(samples.done.skipped)


@pytest.mark.parametrize("command", [("unzip", "-tq"), ("7z", "t"), ("bsdtar", "-tf")], ids=lambda words: words[0])
def test_four_programs_open_it(samples, command):
    told = run(*command, samples.archive)
    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stderr == ""


def test_7z_and_bsdtar_unpack_the_same_files_as_unzip(samples, tmp_path):
    run("7z", "x", "-y", f"-o{tmp_path / '7z'}", samples.archive)
    (tmp_path / "bsdtar").mkdir()
    run("bsdtar", "-xf", samples.archive, "-C", tmp_path / "bsdtar")
    with ZipFile(samples.archive) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "python")
    for name in ("7z", "bsdtar", "python"):
        assert run("diff", "-r", samples.folder, tmp_path / name).stdout == ""
    assert len(names) == len({name.casefold() for name in names})


def test_every_entry_is_a_dicom_file(samples):
    told = run("dcmftest", samples.folder / "DICOMDIR", *samples.images)
    assert (told.returncode, told.stdout.count("yes:")) == (0, len(samples.images) + 1)


def test_no_entry_has_an_error_that_the_hospitals_file_has_not(samples):
    """The preamble is all that was changed, so dciodvfy must say the very same of both. One image of each series."""
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda image: says_the_same(samples.source(image), image), samples.of_each_series))


def says_the_same(before: Path, after: Path) -> None:
    told, tells = (run(DICOM3TOOLS / "dciodvfy", path) for path in (before, after))
    assert (tells.returncode, tells.stderr) == (told.returncode, told.stderr), after
    assert tells.stderr


def test_dicom3tools_prints_the_directory_without_a_complaint(samples):
    told = run(DICOM3TOOLS / "dcdirdmp", samples.folder / "DICOMDIR")
    assert (told.returncode, told.stderr.count("Error")) == (0, 0)
    shown = {path.replace("\\", "/") for path in re.findall(r"-> (\S+)", told.stdout + told.stderr)}
    assert shown == samples.listed.keys()


def test_pydicom_walks_the_file_set(samples):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = FileSet(samples.folder / "DICOMDIR")
        listed = {Path(one.path).relative_to(samples.folder).as_posix(): one.SOPInstanceUID for one in found}
        for name, uid in listed.items():
            assert pydicom.dcmread(samples.folder / name, stop_before_pixels=True).SOPInstanceUID == uid
    assert listed.keys() == samples.listed.keys()
    found._stage["t"].cleanup()


def test_dcmmkdir_lists_the_same_files_or_says_why_not(samples, tmp_path):
    """One by one, with the strict profile: it may refuse for a listed reason, never because of ours."""
    agreed = []
    for image in samples.images:
        name = image.relative_to(samples.folder).as_posix()
        told = run("dcmmkdir", "-Pfl", "+D", tmp_path / "DICOMDIR", name, cwd=samples.folder)
        lacks_a_key = re.search(r"required attribute (?!Rows|Columns)\w+ \S+ (empty|missing)", told.stderr)
        if told.returncode == 0:
            agreed.append(name)
            assert name in samples.listed
        elif name in samples.listed:
            assert not lacks_a_key, told.stderr
            assert any(re.search(why, told.stderr) for why in LISTED_ALL_THE_SAME.values()), told.stderr
        else:
            assert lacks_a_key or "premature end" in told.stderr or "expected but" in told.stderr, told.stderr
        (tmp_path / "DICOMDIR").unlink(missing_ok=True)
    assert len(agreed) > 35
    together = run("dcmmkdir", "-Pfl", "+D", tmp_path / "DICOMDIR", *agreed, cwd=samples.folder)
    assert together.returncode == 0, together.stderr
    theirs = pydicom.dcmread(tmp_path / "DICOMDIR").DirectoryRecordSequence
    for record in (one for one in theirs if "ReferencedFileID" in one):
        ours = samples.listed["/".join(record.ReferencedFileID)]
        assert ours.DirectoryRecordType == record.DirectoryRecordType
        for keyword in ("ReferencedSOPClassUIDInFile", "ReferencedSOPInstanceUIDInFile", "InstanceNumber"):
            assert ours.get(keyword) == record.get(keyword)
