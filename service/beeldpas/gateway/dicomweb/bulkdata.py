"""Large values of one instance, at the addresses that its metadata names instead of them.

Pixels are given like frames; any other value is taken out of its file in the process that may break.
*Source:* DICOM PS3.18 §10.4.1.1.5 (bulkdata resources).
"""

import re
from secrets import token_hex

from starlette.requests import Request
from starlette.types import ASGIApp

from beeldpas.domain.errors import Malformed, NotFound
from beeldpas.formats import multipart
from beeldpas.gateway.dicomweb import frames, negotiation
from beeldpas.gateway.dicomweb.finding import Found
from beeldpas.gateway.dicomweb.frames import viewing_of
from beeldpas.gateway.dicomweb.images import EXPLICIT_LE, TO_BE_TURNED, read, turned
from beeldpas.gateway.dicomweb.negotiation import OCTETS, RELATED
from beeldpas.gateway.dicomweb.sending import PiecemealResponse, one
from beeldpas.gateway.holdings import HeldInstance
from beeldpas.gateway.house import House

_PATH = re.compile(r"[0-9A-Fa-f]{8}(/[0-9]{1,5}/[0-9A-Fa-f]{8}){0,16}")
_PIXELS = "7FE00010"
_DOCUMENT = "00420011"


async def bulkdata(request: Request) -> ASGIApp:
    """Give one large value.

    Raises: Refused("invalid_token"); NotFound; Malformed("not_acceptable").
    """
    known = request.app.state.dicomweb
    house, admission = await known.admissions.admit(request)
    found = await known.recent.instance(house, admission, request)
    instance, path = found.instances[0][1], request.path_params["path"].upper()
    if not _PATH.fullmatch(path):
        raise NotFound
    if path == _PIXELS:
        image = await known.images.open(house, instance)
        every = list(range(1, image.pixels.shape.frames + 1))
        form = negotiation.frame_form(request, image.transfer_syntax, len(every))
        viewing = await viewing_of(house, admission, found)
        return frames.answer(house, viewing, found, image, every, form)
    media_type, in_parts = _form(request, instance, path)
    content = await _value(house, instance, path.split("/"))
    viewing = await viewing_of(house, admission, found)
    kind, content = _laid_out(request, content, media_type, in_parts)
    return PiecemealResponse(
        house,
        viewing,
        one(content),
        {"Content-Type": kind, "Content-Security-Policy": "sandbox"},
        length=len(content),
        instances=(instance.sop_uid,),
    )


async def pdf(request: Request, found: Found) -> bytes | None:
    """Return the document that an instance holds, when that is what the client wants; None when it is not."""
    house, instance = request.app.state.house, found.instances[0][1]
    if instance.report is None or instance.report.kind != "pdf":
        return None
    if not any(wanted.covers("application/pdf") for wanted in negotiation.accepted(request)):
        return None
    content = instance.report.content
    return content if isinstance(content, bytes) else bytes(await read(house, content, 0, content.length))


def _form(request: Request, instance: HeldInstance, path: str) -> tuple[str, bool]:
    """Choose media type and whether in a part. Raises: Malformed("not_acceptable")."""
    is_pdf = path == _DOCUMENT and instance.report is not None and instance.report.kind == "pdf"
    for wanted in negotiation.accepted(request):
        if is_pdf and wanted.media_type == "application/pdf":
            return "application/pdf", False
        if wanted.covers(RELATED) and wanted.parameters.get("type", OCTETS).lower() in {OCTETS, "*/*"}:
            return OCTETS, True
        if wanted.covers(OCTETS):
            return OCTETS, False
    raise Malformed("not_acceptable")


async def _value(house: House, instance: HeldInstance, path: list[str]) -> bytes:
    """Take a value out of its file. Raises: NotFound when there is no such large value."""
    if instance.file.length > house.decoders.most_bytes:
        raise Malformed("not_acceptable")
    if instance.transfer_syntax in TO_BE_TURNED:
        content: bytes | memoryview = await turned(house, instance)
    else:
        content = await read(house, instance.file, 0, instance.file.length)
    try:
        return await house.decoders.run("bulk", [content], path=path)
    except Malformed as error:
        raise NotFound from error


def _laid_out(request: Request, content: bytes, media_type: str, in_parts: bool) -> tuple[str, bytes]:
    if not in_parts:
        return media_type, content
    boundary = f"beeldpas-{token_hex(24)}"
    head = multipart.head(f"{media_type}; transfer-syntax={EXPLICIT_LE}", request.url.path, boundary)
    return multipart.content_type(media_type, boundary), head + content + multipart.end(boundary)
