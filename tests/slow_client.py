"""A client that reads as slowly as a test wants, on a bare socket, so that nothing but the kernel buffers for it."""

import socket
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class SlowClient:
    """One GET; `read` takes some of the answer, `drain` all that still comes."""

    url: str
    headers: dict[str, str]
    received: int = 0
    promised: int = 0
    status: int = 0
    broken: bool = False
    last_byte_at: float = 0.0
    _socket: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        address = urlsplit(self.url)
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        self._socket.settimeout(20)
        self._socket.connect((address.hostname, address.port))
        fields = {"Host": address.netloc, "Connection": "close", **self.headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self._socket.sendall(f"GET {address.path} HTTP/1.1\r\n{lines}\r\n".encode())
        self._read_head()

    def read(self, count: int) -> None:
        """Take that many bytes, or what comes before the end."""
        goal = self.received + count
        while self.received < goal and self._take(min(65536, goal - self.received)):
            pass

    def drain(self, bytes_per_second: float = 0.0) -> None:
        """Take all that still comes; note when the last byte came, and whether the connection broke."""
        while self._take(65536):
            if bytes_per_second:
                time.sleep(65536 / bytes_per_second)

    def leave(self) -> None:
        """Close without reading the rest."""
        self._socket.close()

    @property
    def is_whole(self) -> bool:
        """Whether everything that was promised came."""
        return self.received == self.promised and not self.broken

    def _take(self, most: int) -> bool:
        try:
            got = self._socket.recv(most)
        except ConnectionResetError:
            self.broken = True
            got = b""
        if not got:
            self._socket.close()
            return False
        self.received += len(got)
        self.last_byte_at = time.monotonic()
        return True

    def _read_head(self) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self._socket.recv(1)
        lines = head.decode().split("\r\n")
        self.status = int(lines[0].split()[1])
        fields = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
        self.promised = int(fields.get("content-length", 0))
