"""Whole files of a study, a series or one instance: as they are stored, or in the default transfer syntax.

Files that go as they are stored are sent like an archive: length known, checksums checked, one use for each request.
What has to be turned into another syntax is made file by file; what cannot be turned goes as it is stored, and its
part says so. *Source:* DICOM PS3.18 §10.4 (retrieve), §8.7.3 (default transfer syntax).
"""

from collections.abc import AsyncIterator, Mapping
from secrets import token_hex

from starlette.requests import Request
from starlette.types import ASGIApp

from beeldpas.audit.events import Use as UseKind
from beeldpas.domain.errors import Malformed, Refused
from beeldpas.formats import multipart
from beeldpas.formats.elements import IMPLICIT_LE
from beeldpas.formats.pieces import Pieces
from beeldpas.gateway.deliveries import Seen
from beeldpas.gateway.dicomweb import negotiation
from beeldpas.gateway.dicomweb.admission import holder_of
from beeldpas.gateway.dicomweb.finding import Found, find
from beeldpas.gateway.dicomweb.frames import viewing_of
from beeldpas.gateway.dicomweb.images import EXPLICIT_LE, read, turned
from beeldpas.gateway.dicomweb.negotiation import DICOM
from beeldpas.gateway.dicomweb.sending import Chunk, PiecemealResponse, one
from beeldpas.gateway.holdings import HeldInstance
from beeldpas.gateway.house import House
from beeldpas.gateway.pump import Stored
from beeldpas.gateway.respond import Body, BodyResponse
from beeldpas.gateway.tokens import Admission

_NEVER_SENT = frozenset({IMPLICIT_LE, "1.2.840.10008.1.2.2"})
_VIDEO = tuple(f"1.2.840.10008.1.2.4.{number}" for number in (94, 95, *range(100, 109)))


async def retrieve(request: Request) -> ASGIApp:
    """Give the files that a path names.

    Raises: Refused("invalid_token"); NotFound; Malformed("not_acceptable").
    """
    house, admission = await request.app.state.dicomweb.admissions.admit(request)
    found = await find(house, admission, request)
    syntax, in_parts = negotiation.file_form(request, single="instance" in request.path_params)
    instances = [instance for _, instance in found.instances]
    if syntax not in {None, EXPLICIT_LE} and any(one.transfer_syntax != syntax for one in instances):
        raise Malformed("not_acceptable")
    if any(_is_turned(instance, syntax) for instance in instances):
        return await _piece_by_piece(house, admission, found, syntax, in_parts)
    if not in_parts:
        return body_answer(house, admission, found, Pieces([instances[0].file]), _kind(instances[0].transfer_syntax))
    boundary = f"beeldpas-{token_hex(24)}"
    parts = [
        multipart.Part(_kind(instance.transfer_syntax), found.path(series, instance), instance.file)
        for series, instance in found.instances
    ]
    kind = multipart.content_type(DICOM, boundary)
    return body_answer(house, admission, found, multipart.lay_out(parts, boundary), kind)


def body_answer(
    house: House, admission: Admission, found: Found, pieces: Pieces[Stored], content_type: str
) -> BodyResponse:
    """Make an answer of known length."""
    is_whole = len(found.instances) == len(found.study.instances)
    instances = () if is_whole else tuple(instance.sop_uid for _, instance in found.instances)
    fields = {"Content-Type": content_type}
    return use_of_its_own(house, admission, (found.study.uid,), pieces, fields, Seen(instances=instances))


def use_of_its_own(
    house: House,
    admission: Admission,
    studies: tuple[str, ...],
    pieces: Pieces[Stored],
    fields: Mapping[str, str],
    seen: Seen,
) -> BodyResponse:
    """Make an answer that is written down as a use of these studies. Raises: Refused("too_many_requests")."""
    if len(house.transfers) >= house.settings.download_connections:
        raise Refused("too_many_requests", {"n": 30})
    body = Body(
        pieces=pieces,
        headers={"Vary": "Accept, Authorization", **fields},
        etag=None,
        kind=UseKind.RETRIEVE,
        holder=holder_of(admission),
        studies=studies,
        key=admission.key,
        seen=seen,
    )
    return BodyResponse(house, body)


def _is_turned(instance: HeldInstance, syntax: str | None) -> bool:
    """Say whether a file has to be turned into the default syntax; video never is."""
    stored = instance.transfer_syntax
    if syntax is None:
        return stored in _NEVER_SENT
    return syntax == EXPLICIT_LE and stored != EXPLICIT_LE and stored not in _VIDEO


async def _piece_by_piece(
    house: House, admission: Admission, found: Found, syntax: str | None, in_parts: bool
) -> PiecemealResponse:
    uids = [instance.sop_uid for _, instance in found.instances]
    if in_parts:
        boundary = f"beeldpas-{token_hex(24)}"
        content_type, length = multipart.content_type(DICOM, boundary), None
        chunks = _parts(house, found, syntax, boundary)
    else:
        given, content = await _turned_or_stored(house, found.instances[0][1])
        content_type, length, chunks = _kind(given), len(content), one(content)
    viewing = await viewing_of(house, admission, found)
    fields = {"Content-Type": content_type}
    return PiecemealResponse(house, viewing, chunks, fields, length=length, instances=uids)


async def _parts(house: House, found: Found, syntax: str | None, boundary: str) -> AsyncIterator[Chunk]:
    lead = b""
    for series, instance in found.instances:
        if _is_turned(instance, syntax):
            given, content = await _turned_or_stored(house, instance)
        else:
            given, content = instance.transfer_syntax, await read(house, instance.file, 0, instance.file.length)
        yield lead + multipart.head(_kind(given), found.path(series, instance), boundary)
        yield content
        lead = b"\r\n"
    yield multipart.end(boundary)


async def _turned_or_stored(house: House, instance: HeldInstance) -> tuple[str, Chunk]:
    """Return the syntax that it has now, and the file."""
    try:
        return EXPLICIT_LE, await turned(house, instance)
    except Malformed:
        return instance.transfer_syntax, await read(house, instance.file, 0, instance.file.length)


def _kind(syntax: str) -> str:
    return f"{DICOM}; transfer-syntax={syntax}"
