"""Processes that read files: a file that brings one down, or eats memory, costs itself and no other."""

import os
import signal
from pathlib import Path

from tests.hospital_images import HEAD_CT, image, save

from beeldpas.gateway import readers as readers_module
from beeldpas.gateway.readers import Placed, Readers, placed


def read(path: Path) -> str:
    """What a hostile file might do to the program that reads it; must be found by another process."""
    if path.name == "deadly":
        os.kill(os.getpid(), signal.SIGKILL)
    if path.name == "greedy":
        bytearray(8 * 1024**3)
    return path.name


async def test_a_file_that_kills_its_reader_is_found_and_left_out(monkeypatch):
    monkeypatch.setattr(readers_module, "_WORTH_PROCESSES", 1)
    monkeypatch.setattr(readers_module, "_AT_ONCE", 3)
    readers = Readers()
    names = ["a", "b", "greedy", "c", "deadly", "d", "e"]
    found = await readers.each(read, [Path(name) for name in names])
    readers.close()
    assert found == ["a", "b", "too_large", "c", "unreadable", "d", "e"]


async def test_a_few_files_are_read_without_starting_anything(tmp_path):
    file = save(image(HEAD_CT, 1, 1), tmp_path)
    readers = Readers()
    there, gone = await readers.each(placed, [file, tmp_path / "gone.dcm"])
    assert isinstance(there, Placed)
    assert (there.source.size, there.place.study_uid, gone) == (file.stat().st_size, HEAD_CT, "unreadable")
    assert readers._pool is None
