"""Archives beyond 4 GiB and beyond 65,535 entries, opened by programs that are not ours.

The large file is a hole on the disk: it has a length, and no blocks.
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import pytest
from isal.isal_zlib import crc32

from beeldpas.formats.pieces import Pieces
from beeldpas.formats.zip import Entry, lay_out

GIB = 1 << 30
FIRST, LAST = b"before the large one\n", b"behind the large one\n"


@dataclass(frozen=True, slots=True)
class Hole:
    """Zeros that nobody wrote."""

    length: int


def crc_of_zeros(length: int) -> int:
    zeros, crc = bytes(1 << 24), 0
    for start in range(0, length, len(zeros)):
        crc = crc32(zeros[: length - start], crc)
    return crc


def write(pieces: Pieces[Hole], file: Path) -> Path:
    with file.open("wb") as target:
        for source in pieces.sources:
            if isinstance(source, bytes):
                target.write(source)
            else:
                target.seek(source.length, 1)
        target.truncate(pieces.total)
    return file


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """5 GiB between two small files, so that a size and an offset each pass 4 GiB."""
    entries: list[Entry[Hole]] = [
        Entry("FIRST.TXT", FIRST, crc32(FIRST)),
        Entry("LARGE.DCM", Hole(5 * GIB), crc_of_zeros(5 * GIB)),
        Entry("LAST.TXT", LAST, crc32(LAST)),
    ]
    return write(lay_out(entries), tmp_path_factory.mktemp("large") / "large.zip")


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """70,000 files, which only ZIP64 can count."""
    entries: list[Entry[Hole]] = [
        Entry(f"DICOM/ST{number // 1000:06}/IM{number:06}", b"%d" % number, crc32(b"%d" % number))
        for number in range(70_000)
    ]
    return write(lay_out(entries), tmp_path_factory.mktemp("many") / "many.zip")


def run(*command: object) -> bytes:
    done = subprocess.run([str(word) for word in command], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b""), done.stderr
    return done.stdout


def unpack(program: str, archive: Path, name: str) -> bytes:
    """What a program finds under a name, without unpacking the rest."""
    commands = {
        "unzip": ("unzip", "-p", archive, name),
        "7z": ("7z", "e", "-so", archive, name),
        "bsdtar": ("bsdtar", "-xOf", archive, name),
    }
    return ZipFile(archive).read(name) if program == "python" else run(*commands[program])


PROGRAMS = ("python", "unzip", "7z", "bsdtar")


@pytest.mark.parametrize("program", PROGRAMS)
def test_what_lies_before_and_behind_4_gib_is_found(large, program):
    assert (unpack(program, large, "FIRST.TXT"), unpack(program, large, "LAST.TXT")) == (FIRST, LAST)


def test_every_program_sees_the_true_size(large):
    assert ZipFile(large).getinfo("LARGE.DCM").file_size == 5 * GIB
    size = str(5 * GIB).encode()
    assert size in run("unzip", "-Z", "-l", large)
    assert size in run("7z", "l", large)
    assert size in run("bsdtar", "-tvf", large)


@pytest.mark.parametrize("program", PROGRAMS)
def test_one_of_70000_files_is_found(many, program):
    assert unpack(program, many, "DICOM/ST000069/IM069999") == b"69999"


def test_every_program_counts_70000_files(many):
    assert len(ZipFile(many).namelist()) == 70_000
    assert b"70000 files" in run("unzip", "-Z", "-t", many)
    assert b"Files: 70000" in run("7z", "t", many)
    assert run("bsdtar", "-tf", many).count(b"\n") == 70_000


@pytest.mark.slow
@pytest.mark.parametrize("program", ["unzip", "7z", "bsdtar"])
def test_5_gib_are_read_to_the_end(large, program):
    commands = {"unzip": ("unzip", "-tq"), "7z": ("7z", "t"), "bsdtar": ("bsdtar", "-xOf")}
    words = commands[program]
    done = subprocess.run(
        [*words, str(large), *(["LARGE.DCM"] if program == "bsdtar" else [])],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
