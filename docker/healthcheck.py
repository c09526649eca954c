"""Asks the program in this container whether it can work; exit 0 when it says so.

HEALTH_URL says where, when that is not the usual place; HEALTH_SOCKET names a UNIX socket instead. A certificate is
not checked: it names a host, not loopback.
"""

import os
import socket
import ssl
import sys
from urllib.request import urlopen

ADDRESS = os.environ.get("HEALTH_URL", "http://127.0.0.1:8000/health/ready")
SOCKET = os.environ.get("HEALTH_SOCKET", "")
SECONDS = 2.0


def is_ready() -> bool:
    """Ask. Raises: OSError."""
    if not SOCKET:
        with urlopen(ADDRESS, timeout=SECONDS, context=ssl._create_unverified_context()) as answer:  # noqa: S310, S323
            return answer.status == 200
    with socket.socket(socket.AF_UNIX) as program:
        program.settimeout(SECONDS)
        program.connect(SOCKET)
        program.sendall(b"GET /health/ready HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
        return program.makefile("rb").readline().split()[1:2] == [b"200"]


if __name__ == "__main__":
    try:
        sys.exit(0 if is_ready() else 1)
    except OSError as error:
        sys.exit(f"not ready: {type(error).__name__}")
