"""Runs a program in a network namespace of its own and relays loopback ports to it.

For a program that binds every interface: inside there is only a loopback. The listening sockets are made outside and
handed on, so that one process stands in both worlds; bytes pass in the kernel (splice), without a copy here.
"""

import contextlib
import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Final

_MODULE: Final = "beeldpas.demo.namespace"
_PIECE: Final = 1 << 20
_SET_INTERFACE_FLAGS: Final = 0x8914
_UP: Final = 0x1
_POLL_SECONDS: Final = 0.02
_WAYS: Final = (["unshare", "--net"], ["unshare", "--user", "--map-root-user", "--net"])
ADVICE: Final = (
    "A program that binds every network interface runs here only in a network namespace of its own,"
    " and this account may not make one. Allow it with:\n"
    "    sudo sysctl -w kernel.unprivileged_userns_clone=1 user.max_user_namespaces=1000\n"
    "or, in a container, start that with `--cap-add SYS_ADMIN`."
)


class NoNamespace(RuntimeError):
    """This account may not make a network namespace; the message says what to do."""


def way_in() -> list[str]:
    """Return the command that makes a network namespace here. Raises: NoNamespace."""
    for way in _WAYS:
        with contextlib.suppress(FileNotFoundError):
            if subprocess.run([*way, "true"], capture_output=True, check=False).returncode == 0:
                return way
    raise NoNamespace(ADVICE)


def enclosed(command: Sequence[str], ports: Mapping[int, int]) -> list[str]:
    """Return the command line that runs `command` enclosed; `ports`: loopback port here → its port inside.

    A port here answers once the program answers inside. Raises: NoNamespace.
    """
    pairs = [f"{outside}:{inside}" for outside, inside in ports.items()]
    return [sys.executable, "-m", _MODULE, *way_in(), "--", *pairs, "--", *command]


def _enter(way: Sequence[str], pairs: Sequence[str], command: Sequence[str]) -> None:
    """Bind the ports here and go on inside, with the sockets at hand."""
    doors = []
    for pair in pairs:
        outside, inside = pair.split(":")
        door = socket.socket()
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(("127.0.0.1", int(outside)))
        doors.append(f"{door.detach()}:{inside}")
    for door_pair in doors:
        os.set_inheritable(int(door_pair.split(":")[0]), True)
    onward = [*way, sys.executable, "-m", _MODULE, "--inside", *doors, "--", *command]
    os.execvp(way[0], onward)  # noqa: S606 (fixed words, no shell wanted)


def _inside(pairs: Sequence[str], command: Sequence[str]) -> int:
    _loopback_up()
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda _number, _frame: program.terminate())
    for pair in pairs:
        door, inside = pair.split(":")
        arguments = (socket.socket(fileno=int(door)), int(inside), program)
        threading.Thread(target=_admit, args=arguments, daemon=True).start()
    return program.wait()


def _loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SET_INTERFACE_FLAGS, struct.pack("16sh14x", b"lo", _UP))


def _admit(door: socket.socket, port: int, program: "subprocess.Popen[bytes]") -> None:
    while not _answers(port):
        if program.poll() is not None:
            return
        time.sleep(_POLL_SECONDS)
    door.listen(128)
    while True:
        visitor, _ = door.accept()
        try:
            host = socket.create_connection(("127.0.0.1", port))
        except OSError:
            visitor.close()
            continue
        for one in (visitor, host):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for source, sink in ((visitor, host), (host, visitor)):
            threading.Thread(target=_pass_on, args=(source, sink), daemon=True).start()


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.2):
        return True
    return False


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    """Pass one direction on to its end; a reset on either side ends both."""
    out, into = os.pipe()
    try:
        while count := os.splice(source.fileno(), into, _PIECE):
            while count:
                count -= os.splice(out, sink.fileno(), count)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        for one in (source, sink):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
    finally:
        os.close(out)
        os.close(into)


def _main(words: list[str]) -> int:
    if words[0] == "--inside":
        cut = words.index("--")
        return _inside(words[1:cut], words[cut + 1 :])
    cut = words.index("--")
    way, rest = words[:cut], words[cut + 1 :]
    cut = rest.index("--")
    _enter(way, rest[:cut], rest[cut + 1 :])
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
