"""Receivers of audit messages over TLS: rsyslog, and a small one of our own that fails in the ways that are asked."""

import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from socket import AF_INET, SO_LINGER, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, socket
from struct import pack

import trustme
from tests.hospital import wait_until

from beeldpas.demo.processes import free_ports

HOST = "audit.noord.localhost"


@dataclass(frozen=True, slots=True)
class Certificates:
    """An authority, and what it gave to the receiver."""

    ca: Path
    cert: Path
    key: Path


def certificates(folder: Path, name: str = HOST) -> Certificates:
    """Make an authority and a certificate for a receiver of that name."""
    authority = trustme.CA()
    given = authority.issue_cert(name)
    made = Certificates(folder / "ca.pem", folder / "cert.pem", folder / "key.pem")
    authority.cert_pem.write_to_path(made.ca)
    given.cert_chain_pems[0].write_to_path(made.cert)
    given.private_key_pem.write_to_path(made.key)
    return made


@contextmanager
def rsyslog(folder: Path, made: Certificates, port: int | None = None) -> Iterator[tuple[int, Path]]:
    """Run rsyslog for the length of a block; give its port, and the file with what it received, a message a line."""
    port = port or free_ports(1)[0]
    received, pid = folder / "received.log", folder / "rsyslog.pid"
    settings = folder / "rsyslog.conf"
    settings.write_text(f"""
global(workDirectory="{folder}" maxMessageSize="64k" preserveFQDN="on"
       defaultNetstreamDriver="gtls" defaultNetstreamDriverCAFile="{made.ca}"
       defaultNetstreamDriverCertFile="{made.cert}" defaultNetstreamDriverKeyFile="{made.key}")
module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon")
template(name="parts" type="string"
         string="%pri%|%protocol-version%|%timereported:::date-rfc3339%|%app-name%|%msgid%|%msg%\\n")
input(type="imtcp" port="{port}" address="127.0.0.1")
action(type="omfile" file="{received}" template="parts" fileOwner="root" asyncWriting="off")
""")
    command = ["rsyslogd", "-n", "-f", str(settings), "-i", str(pid)]
    with (folder / "rsyslog.out").open("w") as output:
        child = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        wait_until(lambda: _listens(port), seconds=60)
        yield port, received
    finally:
        child.terminate()
        child.wait(timeout=15)


def _listens(port: int) -> bool:
    with socket(AF_INET, SOCK_STREAM) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


Behaviour = Callable[[ssl.SSLSocket], bytes]


@dataclass(slots=True)
class Receiver:
    """A receiver that treats each connection as the next behaviour says, the last one for ever."""

    made: Certificates
    behaviours: list[Behaviour]
    port: int = 0
    connections: int = 0
    received: list[bytes] = field(default_factory=list)

    def messages(self) -> list[bytes]:
        """Everything that came whole, in the order in which it came."""
        return [message for stream in self.received for message in split(stream)]


@contextmanager
def receiver(made: Certificates, *behaviours: Behaviour) -> Iterator[Receiver]:
    """Run such a receiver for the length of a block."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.cert, made.key)
    state = Receiver(made, list(behaviours))
    with socket(AF_INET, SOCK_STREAM) as listening:
        listening.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.settimeout(0.1)
        state.port = listening.getsockname()[1]
        over = threading.Event()
        thread = threading.Thread(target=_serve, args=(listening, context, state, over), daemon=True)
        thread.start()
        yield state
        over.set()
        thread.join(timeout=10)


def _serve(listening: socket, context: ssl.SSLContext, state: Receiver, over: threading.Event) -> None:
    while not over.is_set():
        try:
            raw, _ = listening.accept()
        except TimeoutError:
            continue
        behaviour = state.behaviours[min(state.connections, len(state.behaviours) - 1)]
        state.connections += 1
        raw.settimeout(10)
        with suppress(OSError):
            state.received.append(behaviour(context.wrap_socket(raw, server_side=True)))


def takes_all(connection: ssl.SSLSocket) -> bytes:
    """Read to the end, and say goodbye."""
    stream = b"".join(iter(lambda: connection.recv(65536), b""))
    with suppress(OSError):
        connection.unwrap()
    connection.close()
    return stream


def resets_after(count: int) -> Behaviour:
    """Read so many bytes and break the connection: perhaps in the middle of a message."""

    def behaviour(connection: ssl.SSLSocket) -> bytes:
        stream = connection.recv(count) if count else b""
        connection.setsockopt(SOL_SOCKET, SO_LINGER, pack("ii", 1, 0))
        connection.close()
        return stream

    return behaviour


def leaves_at_once(connection: ssl.SSLSocket) -> bytes:
    """End the connection without having read anything."""
    connection.close()
    return b""


def split(stream: bytes) -> Iterator[bytes]:
    """Take frames apart by the length that stands before each; a part of one at the end is no message."""
    while stream:
        length, space, rest = stream.partition(b" ")
        if not space or not length.isdigit() or len(rest) < int(length):
            return
        yield rest[: int(length)]
        stream = rest[int(length) :]
