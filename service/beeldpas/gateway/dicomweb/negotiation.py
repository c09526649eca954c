"""What a client takes, and in which form it gets it: media types, transfer syntaxes, one body or parts.

Viewers join their wishes and quote their values in many ways, so the field is read, never compared as text.
*Source:* DICOM PS3.18 §8.7 (media types), Table 8.7.3-5 (compressed frames and their syntaxes).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from beeldpas.domain.errors import Malformed
from beeldpas.formats.accept import MediaRange, read_accept
from beeldpas.gateway.dicomweb.images import EXPLICIT_LE, NATIVE

DICOM: Final = "application/dicom"
JSON: Final = "application/dicom+json"
OCTETS: Final = "application/octet-stream"
RELATED: Final = "multipart/related"
# Which single-frame media type stands for which syntaxes, older names included.
_COMPRESSED: Final = {
    "image/jpeg": ("4.50", "4.51", "4.57", "4.70"),
    "image/dicom-rle": ("5",),
    "image/x-dicom-rle": ("5",),
    "image/jls": ("4.80", "4.81"),
    "image/x-jls": ("4.80", "4.81"),
    "image/jp2": ("4.90", "4.91"),
    "image/jpx": ("4.92", "4.93"),
    "image/jphc": ("4.201", "4.202", "4.203"),
}
_ROOT: Final = "1.2.840.10008.1.2."


@dataclass(frozen=True, slots=True)
class Form:
    """How something is given: its media type, its syntax, and whether in parts. `decoded`: not as it is stored."""

    media_type: str
    transfer_syntax: str
    decoded: bool
    in_parts: bool

    @property
    def content_type(self) -> str:
        """The media type of one piece, its syntax said."""
        return f"{self.media_type}; transfer-syntax={self.transfer_syntax}"


def accepted(request: Request) -> tuple[MediaRange, ...]:
    """Return what the client takes; an `accept` parameter outranks the field. Most wanted first."""
    return read_accept(request.query_params.get("accept") or request.headers.get("accept"))


def require_json(request: Request) -> None:
    """Raises: Malformed("not_acceptable") when the client takes no JSON."""
    if not any(wanted.covers(JSON) or wanted.covers("application/json") for wanted in accepted(request)):
        raise Malformed("not_acceptable")


def frame_form(request: Request, stored: str, count: int) -> Form:
    """Choose how frames are given that are stored in a syntax. Raises: Malformed("not_acceptable")."""
    for wanted in accepted(request):
        in_parts = wanted.covers(RELATED)
        if not in_parts and count > 1:
            continue
        for media_type in _types(wanted, in_parts):
            found = _fitting(media_type, wanted.parameters.get("transfer-syntax"), stored)
            if found is not None:
                return Form(*found, in_parts)
    raise Malformed("not_acceptable")


def file_form(request: Request, single: bool) -> tuple[str | None, bool]:
    """Choose the syntax of whole files, and whether in parts; None for as they are stored.

    Raises: Malformed("not_acceptable").
    """
    for wanted in accepted(request):
        syntax: str | None = wanted.parameters.get("transfer-syntax", EXPLICIT_LE)
        syntax = None if syntax == "*" else syntax
        if wanted.covers(RELATED) and wanted.parameters.get("type", DICOM).lower() in {DICOM, "*/*", "application/*"}:
            return syntax, True
        if single and wanted.covers(DICOM):
            return syntax, False
    raise Malformed("not_acceptable")


def picture_type(request: Request) -> str:
    """Choose between the kinds of picture. Raises: Malformed("not_acceptable")."""
    for wanted in accepted(request):
        for media_type in ("image/jpeg", "image/png"):
            if wanted.covers(media_type):
                return media_type
    raise Malformed("not_acceptable")


def _types(wanted: MediaRange, in_parts: bool) -> Iterator[str]:
    if not in_parts:
        yield wanted.media_type
    elif wanted.media_type == RELATED:
        yield wanted.parameters.get("type", OCTETS).lower()
    else:
        yield OCTETS  # the client takes anything


def _fitting(media_type: str, syntax: str | None, stored: str) -> tuple[str, str, bool] | None:
    """Return media type, syntax and whether it is decoded; None when that cannot be given."""
    plain = EXPLICIT_LE if stored in NATIVE else stored
    if media_type in {OCTETS, "*/*", "application/*"}:
        if syntax == "*" or syntax == plain:
            return OCTETS, plain, False
        if syntax in {None, EXPLICIT_LE}:
            return OCTETS, EXPLICIT_LE, plain != EXPLICIT_LE
        return None
    names = [media_type] if media_type in _COMPRESSED else [*_COMPRESSED] if media_type == "image/*" else []
    for name in names:
        if stored.removeprefix(_ROOT) in _COMPRESSED[name] and syntax in {None, "*", stored}:
            return name, stored, False
    return None
