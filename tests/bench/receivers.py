"""Receivers on lines of 10 Mbit/s, who note when their last byte came.

On a real line the receiver's kernel is all but empty, for its program reads faster than the line brings; what the
line cannot carry yet waits at the sender. On loopback there is no line, so a receiver that reads slowly stands for
it, with a receive buffer of 64 KiB: a larger one would be a line of many seconds.
"""

import socket
import ssl
import time
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Event, Thread
from typing import Any

BYTES_PER_SECOND = 10_000_000 / 8
_RECEIVE_BUFFER = 64 * 1024
_RECORD = 16 * 1024
_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Lease:
    """What a receiver shows, and where: a path at a host that is reached at a port of this machine."""

    host: str
    path: str
    token: str


@dataclass(eq=False)
class Receiver:
    """One download in a thread of its own, at the pace of its line until `free` is set."""

    lease: Lease
    port: int
    trust: ssl.SSLContext
    free: Event = field(default_factory=Event)
    received: int = 0
    promised: int = -1
    last_byte_at: float = 0.0
    longest_wait: float = 0.0
    ended: str = ""
    hasher: Any = field(default_factory=sha256)

    def __post_init__(self) -> None:
        self.thread = Thread(target=self._receive, daemon=True)
        self.thread.start()

    @property
    def is_running(self) -> bool:
        """Say whether bytes come, and more will."""
        return self.received > 0 and not self.ended

    @property
    def is_whole(self) -> bool:
        """Say whether everything that was promised came."""
        return self.received == self.promised

    def _receive(self) -> None:
        try:
            with self._connect() as line:
                rest = self._head(line)
                self._take(rest)
                due = time.monotonic()
                while self.received < self.promised and (block := line.recv(_RECORD)):
                    self._take(block)
                    due = max(due, time.monotonic()) + len(block) / BYTES_PER_SECOND
                    self.free.wait(max(0.0, due - time.monotonic()))
            self.ended = "whole" if self.is_whole else "closed"
        except OSError as error:  # a reset, or TLS that ends without saying goodbye
            self.ended = type(error).__name__

    def _connect(self) -> ssl.SSLSocket:
        raw = socket.socket()
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        raw.settimeout(_SECONDS)
        raw.connect(("127.0.0.1", self.port))
        return self.trust.wrap_socket(raw, server_hostname=self.lease.host)

    def _head(self, line: ssl.SSLSocket) -> bytes:
        fields = {"Host": self.lease.host, "Beeldpas-Lease": self.lease.token, "Connection": "close"}
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        line.sendall(f"GET {self.lease.path} HTTP/1.1\r\n{lines}\r\n".encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += line.recv(_RECORD)
        head, _, rest = head.partition(b"\r\n\r\n")
        status, *others = head.decode().lower().split("\r\n")
        if " 200 " not in status:
            raise OSError(status)
        self.promised = int(dict(one.split(": ", 1) for one in others)["content-length"])
        return rest

    def _take(self, block: bytes) -> None:
        now = time.monotonic()
        if self.received:
            self.longest_wait = max(self.longest_wait, now - self.last_byte_at)
        self.received += len(block)
        self.last_byte_at = now
        self.hasher.update(block)
