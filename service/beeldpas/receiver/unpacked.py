"""A download that was unpacked into a folder. Links are never followed: they could lead out of it."""

import os
import stat
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from beeldpas.domain.errors import Malformed
from beeldpas.formats.manifest import NAME
from beeldpas.receiver.port import MOST_FILES, PIECE_BYTES, Download, Fault, Member

_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class FolderDownload(Download):
    """A folder, or the one folder in it that holds the list. Raises: Malformed("folder"), ("folder_too_large")."""

    def __init__(self, folder: Path) -> None:
        members: list[Member] = []
        faults: list[Fault] = []
        try:
            self._root = _with_the_list(folder)
            for name, entry in _walk(self._root):
                if entry.is_file(follow_symlinks=False):
                    members.append(Member(name, entry.stat(follow_symlinks=False).st_size))
                else:
                    faults.append(Fault("no_file", name))
                if len(members) + len(faults) > MOST_FILES:
                    raise Malformed("folder_too_large")
        except OSError as error:
            raise Malformed("folder") from error
        self.members: Sequence[Member] = members
        self.faults: Sequence[Fault] = faults

    def read(self, member: Member, most: int) -> Iterator[bytes]:
        """Give a file's bytes, at most `most`. Raises: Malformed("damaged") when it cannot be read."""
        try:
            with os.fdopen(os.open(self._root / member.name, _FLAGS), "rb", buffering=0) as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise Malformed("damaged")
                while most and (piece := file.read(min(PIECE_BYTES, most))):
                    yield piece
                    most -= len(piece)
        except OSError as error:
            raise Malformed("damaged") from error


def _with_the_list(folder: Path) -> Path:
    """Unpacking often makes a folder of its own; step into it."""
    if _holds_the_list(folder):
        return folder
    below = [Path(entry.path) for entry in _entries(folder) if entry.is_dir(follow_symlinks=False)]
    holding = [one for one in below if _holds_the_list(one)]
    return holding[0] if len(holding) == 1 else folder


def _holds_the_list(folder: Path) -> bool:
    return any(entry.name.upper() == NAME for entry in _entries(folder))


def _walk(root: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Everything below a folder that is no folder, by its path from there, in order."""
    waiting = [""]
    while waiting:
        prefix = waiting.pop()
        for entry in sorted(_entries(root / prefix), key=lambda one: one.name):
            if entry.is_dir(follow_symlinks=False):
                waiting.append(f"{prefix}{entry.name}/")
            else:
                yield prefix + entry.name, entry


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return list(islice(entries, MOST_FILES + 1))
