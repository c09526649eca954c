"""Writing the parts of a multipart answer to files while it arrives; what has no proper end is cut.

*Source:* RFC 2046 §5.1.1; DICOM PS3.18 §8.6.1.2.
"""

from collections.abc import Iterable
from email.message import Message
from pathlib import Path
from typing import BinaryIO, Final

from beeldpas.gateway.pacs.port import Tally, failed

_LONGEST_HEAD: Final = 16 * 1024
_LONGEST_BOUNDARY: Final = 70


def boundary_of(content_type: str) -> str:
    """Return the boundary that a Content-Type names. Raises: Unavailable("pacs") when it names none."""
    message = Message()
    message["Content-Type"] = content_type
    boundary = message.get_boundary() or ""
    if message.get_content_maintype() != "multipart" or not 0 < len(boundary) <= _LONGEST_BOUNDARY:
        raise failed("pacs_unreadable")
    return boundary


def write_parts(chunks: Iterable[bytes], boundary: str, folder: Path, tally: Tally) -> None:
    """Write each part as a file. Raises: Unavailable("pacs"), as "transfer_cut" without the closing boundary."""
    writer = _Parts(boundary, folder, tally)
    try:
        for chunk in chunks:
            tally.take(len(chunk))
            writer.feed(chunk)
    finally:
        writer.close()
    if not writer.ended:
        raise failed("transfer_cut")


class _Parts:
    def __init__(self, boundary: str, folder: Path, tally: Tally) -> None:
        self._mark = b"\r\n--" + boundary.encode("ascii")
        self._folder = folder
        self._tally = tally
        self._buffer = bytearray(b"\r\n")  # the first boundary may stand at the very beginning
        self._file: BinaryIO | None = None
        self._in_head = False
        self.ended = False

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes; what follows the closing boundary means nothing."""
        self._buffer += chunk
        while not self.ended and (self._read_head() if self._in_head else self._read_content()):
            pass
        if self.ended:
            self._buffer.clear()

    def _read_content(self) -> bool:
        """Write up to the next boundary; say whether one was found."""
        found = self._buffer.find(self._mark)
        whole = found if found >= 0 else max(0, len(self._buffer) - len(self._mark) + 1)
        if self._file is not None:
            self._file.write(self._buffer[:whole])
        if found < 0:
            del self._buffer[:whole]
            return False
        del self._buffer[: found + len(self._mark)]
        if self._file is not None:
            self._file.close()
            self._file, self._tally.files = None, self._tally.files + 1
        self._in_head = True
        return True

    def _read_head(self) -> bool:
        """Pass over a part's header, or see that it was the last boundary; say whether it was all there."""
        if self._buffer.startswith(b"--"):
            self.ended = True
            return False
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > _LONGEST_HEAD:
                raise failed("pacs_unreadable")
            return False
        del self._buffer[: end + 4]
        self._file = (self._folder / f"{self._tally.files:07}.dcm").open("wb")
        self._in_head = False
        return True

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
