"""What goes between the process that serves and one that decodes: a head in JSON, then bytes, both with a length.

The head of a job names it and its parameters; the head of an answer says "done", or "failed" with the kind of error.
"""

import json
import struct
from typing import Any, BinaryIO

_LENGTHS = struct.Struct(">LQ")
LENGTHS_BYTES = _LENGTHS.size


def packed(head: dict[str, Any], size: int) -> bytes:
    """Return what precedes `size` bytes of content."""
    text = json.dumps(head).encode()
    return _LENGTHS.pack(len(text), size) + text


def lengths(prefix: bytes) -> tuple[int, int]:
    """Return how long the head and the content are."""
    head, size = _LENGTHS.unpack(prefix)
    return head, size


def receive(stream: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    """Wait for the next job; None when the other side has gone."""
    prefix = stream.read(LENGTHS_BYTES)
    if len(prefix) < LENGTHS_BYTES:
        return None
    head, size = lengths(prefix)
    return json.loads(stream.read(head)), stream.read(size)


def send(stream: BinaryIO, head: dict[str, Any], content: bytes) -> None:
    """Answer."""
    stream.write(packed(head, len(content)))
    stream.write(content)
    stream.flush()
