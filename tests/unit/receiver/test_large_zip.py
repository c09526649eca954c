"""A download beyond 4 GiB: sizes and offsets in ZIP64, whole or broken off. The large file is a hole on the disk."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from beeldpas.formats.pieces import Pieces
from beeldpas.formats.zip import Entry, lay_out
from beeldpas.receiver.packed import ZipDownload
from beeldpas.receiver.port import Fault

SIZE = 5 << 30
LAST = b"behind the large one"


@dataclass(frozen=True, slots=True)
class Hole:
    """Zeros that nobody wrote."""

    length: int


@pytest.fixture
def large(tmp_path: Path) -> Path:
    entries: list[Entry[Hole]] = [Entry("FIRST", b"1", 0), Entry("LARGE", Hole(SIZE), 0), Entry("LAST", LAST, 0)]
    pieces: Pieces[Hole] = lay_out(entries)
    file = tmp_path / "large.zip"
    with file.open("wb") as target:
        for source in pieces.sources:
            if isinstance(source, bytes):
                target.write(source)
            else:
                target.seek(source.length, 1)
    return file


def test_what_stands_behind_4_gib_is_found_and_read(large):
    with large.open("rb") as file:
        download = ZipDownload(file)
        assert [(one.name, one.size) for one in download.members] == [("FIRST", 1), ("LARGE", SIZE), ("LAST", 20)]
        assert download.faults == ()
        assert b"".join(download.read(download.members[2], 100)) == LAST
        assert next(download.read(download.members[1], SIZE)) == bytes(1 << 20)


def test_broken_off_behind_4_gib_it_is_walked_through(large):
    with large.open("r+b") as file:
        file.truncate(large.stat().st_size - 60)
        download = ZipDownload(file)
        assert [one.name for one in download.members] == ["FIRST", "LARGE", "LAST"]
        assert download.faults in ((Fault("broken_off"),), (Fault("directory"),))
        file.truncate(SIZE // 2)
        assert [one.name for one in ZipDownload(file).members] == ["FIRST"]
