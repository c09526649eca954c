"""Answers of several parts, as DICOMweb retrieves them, and how to take them apart again.

The boundary must not occur in any part; DICOM data is not searched for it, a long random one is used instead.

*Source:* RFC 2046 §5.1; RFC 2387; DICOM PS3.18 §8.6.1.2.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic

from beeldpas.domain.errors import Malformed
from beeldpas.formats.pieces import Pieces, S


@dataclass(frozen=True, slots=True)
class Part(Generic[S]):
    """One part: its media type with parameters, where it can be had alone, and its bytes."""

    content_type: str
    location: str
    content: bytes | S


def content_type(media_type: str, boundary: str) -> str:
    """Return the Content-Type of an answer whose parts are of that media type."""
    return f'multipart/related; type="{media_type}"; boundary={boundary}'


def lay_out(parts: Iterable[Part[S]], boundary: str) -> Pieces[S]:
    """Return the whole answer as pieces, closing boundary included."""
    return Pieces(_pieces(parts, boundary))


def head(content_type: str, location: str, boundary: str) -> bytes:
    """Return what stands before a part; before all but the first a line ends."""
    return f"--{boundary}\r\nContent-Type: {content_type}\r\nContent-Location: {location}\r\n\r\n".encode("ascii")


def end(boundary: str) -> bytes:
    """Return what stands behind the last part."""
    return f"\r\n--{boundary}--\r\n".encode("ascii")


def _pieces(parts: Iterable[Part[S]], boundary: str) -> Iterator[bytes | S]:
    lead = b""
    for part in parts:
        yield lead + head(part.content_type, part.location, boundary)
        yield part.content
        lead = b"\r\n"
    yield end(boundary)


def take_apart(body: bytes, boundary: str) -> list[tuple[dict[str, str], bytes]]:
    """Return fields (names in lower case) and bytes of each part.

    Raises: Malformed("multipart") when the closing boundary is missing, as in a broken transfer.
    """
    mark = b"--" + boundary.encode("ascii")
    first, *sections = (b"\r\n" + body).split(b"\r\n" + mark)
    if first.strip() or not sections or not sections[-1].startswith(b"--"):
        raise Malformed("multipart")
    return [_section(section) for section in sections[:-1]]


def _section(section: bytes) -> tuple[dict[str, str], bytes]:
    head, found, content = section.partition(b"\r\n\r\n")
    if not found:
        raise Malformed("multipart")
    lines = head.decode("ascii", "replace").strip("\r\n").split("\r\n")
    fields = (line.partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in fields}, content
