"""Frames of one instance, by their numbers: as they are stored, or decoded in a process that may break.

*Source:* DICOM PS3.18 §10.4.1.1.6 (pixel data resources), §10.4.4 (multipart payloads).
"""

import re
from collections.abc import AsyncIterator, Sequence
from secrets import token_hex

from starlette.requests import Request
from starlette.types import ASGIApp

from beeldpas.domain.errors import Malformed, NotFound
from beeldpas.formats import multipart
from beeldpas.gateway.dicomweb import negotiation
from beeldpas.gateway.dicomweb.admission import holder_of
from beeldpas.gateway.dicomweb.finding import Found
from beeldpas.gateway.dicomweb.images import Image, frame, framed, header
from beeldpas.gateway.dicomweb.negotiation import Form
from beeldpas.gateway.dicomweb.sending import Chunk, PiecemealResponse, one
from beeldpas.gateway.dicomweb.viewing import Viewing
from beeldpas.gateway.house import House
from beeldpas.gateway.tokens import Admission

MOST_FRAMES = 2048
_NUMBERS = re.compile(f"[0-9]{{1,7}}(,[0-9]{{1,7}}){{0,{MOST_FRAMES - 1}}}")


async def frames(request: Request) -> ASGIApp:
    """Give the frames that a path names.

    Raises: Refused("invalid_token"); NotFound; Malformed("frame_list") or ("not_acceptable").
    """
    known = request.app.state.dicomweb
    house, admission = await known.admissions.admit(request)
    found = await known.recent.instance(house, admission, request)
    numbers = read_numbers(request.path_params["frames"])
    image = await known.images.open(house, found.instances[0][1])
    if max(numbers) > image.pixels.shape.frames or min(numbers) < 1:
        raise NotFound
    form = negotiation.frame_form(request, image.transfer_syntax, len(numbers))
    viewing = await viewing_of(house, admission, found)
    return answer(house, viewing, found, image, numbers, form)


def read_numbers(text: str) -> list[int]:
    """Read a list of frame numbers. Raises: Malformed("frame_list") when it is none, or too long."""
    if not _NUMBERS.fullmatch(text):
        raise Malformed("frame_list")
    return [int(number) for number in text.split(",")]


async def viewing_of(house: House, admission: Admission, found: Found) -> Viewing:
    """Return the use that a request for these instances belongs to, written down."""
    most = house.settings.download_connections
    return await house.viewings.join(holder_of(admission), admission.key, (found.study.uid,), most, admission.address)


def answer(
    house: House, viewing: Viewing, found: Found, image: Image, numbers: Sequence[int], form: Form
) -> PiecemealResponse:
    """Make the answer; nothing of it is longer in memory than one frame."""
    series, instance = found.instances[0]
    contents = _contents(house, image, numbers, form.decoded)
    length = None if form.decoded else sum(_length(image, number) for number in numbers)
    content_type = form.content_type
    if form.in_parts:
        boundary = f"beeldpas-{token_hex(24)}"
        content_type = multipart.content_type(form.media_type, boundary)
        path = found.path(series, instance)
        heads = [multipart.head(form.content_type, f"{path}/frames/{number}", boundary) for number in numbers]
        end = multipart.end(boundary)
        length = None if length is None else length + sum(map(len, heads)) + 2 * (len(heads) - 1) + len(end)
        alone = framed(image, numbers[0], heads[0], end) if len(numbers) == 1 and not form.decoded else None
        contents = one(alone) if alone is not None else _in_parts(contents, heads, end)
    return PiecemealResponse(
        house, viewing, contents, {"Content-Type": content_type}, length=length, instances=(instance.sop_uid,)
    )


async def decoded(house: House, image: Image, number: int) -> bytes:
    """Return a frame in the default syntax. Raises: Malformed("not_decodable") or ("not_acceptable")."""
    content, head = await frame(house, image, number), await header(house, image)
    return await house.decoders.run("decode", [head, content], head=len(head), number=number)


def _length(image: Image, number: int) -> int:
    if image.pixels.bit_shift(number):
        return (image.pixels.shape.frame_bits + 7) // 8
    return sum(part.length for part in image.pixels.stretches(number))


async def _contents(house: House, image: Image, numbers: Sequence[int], decode: bool) -> AsyncIterator[Chunk]:
    for number in numbers:
        yield await (decoded if decode else frame)(house, image, number)


async def _in_parts(contents: AsyncIterator[Chunk], heads: Sequence[bytes], end: bytes) -> AsyncIterator[Chunk]:
    """Put a head before each, and the end behind the last."""
    at = 0
    async for content in contents:
        yield heads[at] if at == 0 else b"\r\n" + heads[at]
        yield content
        at += 1
    yield end
