"""Objects as files in a folder.

A file is read by its descriptor, which goes on naming the same bytes when the name is replaced; its size and time
of change tell whether it is the file that was indexed. Writing goes by a temporary name in the same folder.
"""

import contextlib
import errno
import os
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO

from beeldpas.domain.errors import Malformed
from beeldpas.gateway.objects.names import key_of, path_of
from beeldpas.gateway.objects.port import ObjectFacts, altered, failed, full, gone

_COPY_BYTES = 1024 * 1024
_TEMPORARY = ".beeldpas-"
_STALE_SECONDS = 24 * 3600  # no writer takes that long for one object
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class FolderStore:
    """The folder `root` and everything below it; symbolic links are not followed, only files are seen."""

    ahead = 2
    is_far = False

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()

    def check(self) -> None:
        """Raises: Unavailable("objects") when the folder is not there."""
        if not self._root.is_dir():
            raise failed()

    def listing(self, prefix: str = "") -> Iterator[ObjectFacts]:
        """List the files below a prefix, in the order of their keys; remove what a killed writer left a day ago."""
        self.check()
        start = self._root / prefix.rpartition("/")[0]
        if not start.exists():
            return
        for folder, below, names in os.walk(start, onerror=_refuse):
            below.sort()
            for name in sorted(names):
                path = Path(folder, name)
                if name.startswith(_TEMPORARY):
                    _remove_stale(path)
                    continue
                key = key_of(path.relative_to(self._root).as_posix())
                if key.startswith(prefix):
                    found = _facts(key, path)
                    if found:
                        yield found

    def open(self, key: str, version: str, start: int, length: int) -> "FileReader":
        """Open a stretch of a file that must still be the one that was indexed."""
        try:
            descriptor = os.open(self._path(key), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError as error:
            raise gone() from error
        except OSError as error:
            raise failed() from error
        if _version(os.fstat(descriptor)) != version:
            os.close(descriptor)
            raise altered()
        return FileReader(descriptor, start)

    def put(self, key: str, content: BinaryIO, size: int) -> ObjectFacts:
        """Write a file under a temporary name, then give it its own; what went wrong leaves nothing."""
        path = Path(self._path(key))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, content)
        except OSError as error:
            raise (full() if error.errno in _FULL else failed()) from error
        return ObjectFacts(key, size, _version(path.stat()))

    def remove(self, key: str) -> None:
        """Remove a file, and the folders that it leaves empty."""
        path = Path(self._path(key))
        try:
            path.unlink(missing_ok=True)
            for folder in path.parents:
                if folder == self._root or any(folder.iterdir()):
                    return
                folder.rmdir()
        except FileNotFoundError:
            return
        except OSError as error:
            raise failed() from error

    def _path(self, key: str) -> str:
        path = path_of(key)
        parts = path.split("/")
        if "" in parts or "." in parts or ".." in parts or "\0" in path:
            raise Malformed("object_key")
        return f"{self._root}/{path}"


class FileReader:
    """A stretch of one open file."""

    __slots__ = ("_at", "_descriptor")

    def __init__(self, descriptor: int, start: int) -> None:
        self._descriptor = descriptor
        self._at = start

    def read_into(self, target: memoryview) -> None:
        """Fill the target; a file that became shorter is an altered one."""
        filled = 0
        while filled < len(target):
            try:
                got = os.preadv(self._descriptor, [target[filled:]], self._at)
            except OSError as error:
                raise failed() from error
            if not got:
                raise altered()
            filled += got
            self._at += got

    def read_at_hand(self, target: memoryview) -> int:
        """Read what the page cache holds."""
        try:
            got = os.preadv(self._descriptor, [target], self._at, os.RWF_NOWAIT)
        except OSError:
            return 0
        self._at += got
        return got

    def close(self) -> None:
        """Close the file once."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _refuse(error: OSError) -> None:
    raise failed() from error


def _write(path: Path, content: BinaryIO) -> None:
    descriptor, name = mkstemp(dir=path.parent, prefix=_TEMPORARY)
    try:
        with os.fdopen(descriptor, "wb") as file:
            shutil.copyfileobj(content, file, _COPY_BYTES)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)  # there is none when it took its place


def _remove_stale(path: Path) -> None:
    with contextlib.suppress(OSError):
        if path.lstat().st_mtime < time.time() - _STALE_SECONDS:
            path.unlink()


def _facts(key: str, path: Path) -> ObjectFacts | None:
    """Return what is known of a file; None for links, pipes, devices, and what went away meanwhile."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return ObjectFacts(key, found.st_size, _version(found))


def _version(found: os.stat_result) -> str:
    return f"{found.st_size}-{found.st_mtime_ns}"
