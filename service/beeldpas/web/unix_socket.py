"""A UNIX socket on which a program listens beside its port, for a proxy on the same machine.

What waits in it is bounded by the sender alone; over TCP megabytes can wait in the proxy's kernel, out of the
sender's reach. Its mode is 0660: the proxy's account must be in the group of the socket.
"""

import socket
import stat
from contextlib import suppress
from pathlib import Path

MODE = 0o660
_BACKLOG = 2048


class UnixSocket:
    """The listening socket, and the file that names it."""

    def __init__(self, path: Path) -> None:
        """Listen. A file that an ended program left is replaced.

        Raises: OSError when somebody answers there, when the file is no socket, or when the path is too long.
        """
        if path.exists():
            _make_sure_nobody_listens(path)
        self._path = path
        self.listener = socket.socket(socket.AF_UNIX)
        made = path.with_name(path.name + "~")
        made.unlink(missing_ok=True)
        self.listener.bind(str(made))
        made.chmod(MODE)
        self.listener.listen(_BACKLOG)
        self._inode = made.stat().st_ino
        made.replace(path)  # nobody ever sees it with other rights, or before it listens

    def close(self) -> None:
        """Stop listening, and take the file away unless another program has put its own there."""
        self.listener.close()
        with suppress(FileNotFoundError):
            if self._path.stat().st_ino == self._inode:
                self._path.unlink()


def _make_sure_nobody_listens(path: Path) -> None:
    if not stat.S_ISSOCK(path.stat().st_mode):
        raise FileExistsError(f"{path} is there and no socket")
    with socket.socket(socket.AF_UNIX) as visitor, suppress(ConnectionRefusedError):
        visitor.connect(str(path))
        raise OSError(f"{path}: another program listens there")
