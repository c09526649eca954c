"""Pictures for people: an instance or a frame as JPEG or PNG, and small ones of a study, a series or an instance.

A small picture shows nobody's name: where the device may have written it into the pixels, a grey plate is given.
*Source:* DICOM PS3.18 §8.3.5 (parameters), §10.4.1.1.3 (rendered), §10.4.1.1.4 (thumbnails).
"""

import re
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp

from beeldpas.domain.errors import Malformed, NotFound
from beeldpas.gateway.dicomweb import negotiation
from beeldpas.gateway.dicomweb.bulkdata import pdf
from beeldpas.gateway.dicomweb.finding import Found, find
from beeldpas.gateway.dicomweb.frames import viewing_of
from beeldpas.gateway.dicomweb.images import Image, frame, header
from beeldpas.gateway.dicomweb.sending import PiecemealResponse, one
from beeldpas.gateway.holdings import HeldInstance, HeldSeries
from beeldpas.gateway.house import House
from beeldpas.gateway.tokens import Admission

_NUMBER = r"[+-]?[0-9]{1,9}(\.[0-9]{1,6})?"
_WINDOW = re.compile(rf"({_NUMBER}),({_NUMBER}),(linear|linear-exact|sigmoid)", re.IGNORECASE)
_VIEWPORT = re.compile(r"[0-9]{1,5},[0-9]{1,5}(,[0-9]{0,5},[0-9]{0,5},-?[0-9]{0,5},-?[0-9]{0,5})?")
_LARGEST_VIEWPORT, _THUMBNAIL, _LARGEST_THUMBNAIL = 4096, 128, 512
_WITHOUT_PIXELS = frozenset({"SR", "DOC", "PR", "KO", "AU", "ECG", "HD", "PLAN", "REG", "RTSTRUCT", "RTPLAN"})


async def rendered(request: Request) -> ASGIApp:
    """Give a picture of a frame, of the first when the path names none.

    Raises: Refused("invalid_token"); NotFound; Malformed with what is wrong with the parameters, ("not_acceptable").
    """
    known = request.app.state.dicomweb
    house, admission = await known.admissions.admit(request)
    found = await known.recent.instance(house, admission, request)
    if "frame" not in request.path_params and (document := await pdf(request, found)) is not None:
        return await _answer(house, admission, found, document, "application/pdf")
    media_type, wishes = negotiation.picture_type(request), _wishes(request, _LARGEST_VIEWPORT)
    image = await known.images.open(house, found.instances[0][1])
    number = _number(request, image)
    picture = await _render(house, image, number, media_type=media_type, thumbnail=False, **wishes)
    return await _answer(house, admission, found, picture, media_type)


async def thumbnail(request: Request) -> ASGIApp:
    """Give a small picture of what the path names; of a study or a series, one from its middle."""
    known = request.app.state.dicomweb
    house, admission = await known.admissions.admit(request)
    found = await find(house, admission, request)
    media_type, wishes = negotiation.picture_type(request), _wishes(request, _LARGEST_THUMBNAIL)
    chosen = _from_the_middle(found)
    one_of_them = Found(found.study, [chosen])
    wishes["viewport"] = wishes["viewport"] or [_THUMBNAIL, _THUMBNAIL]
    try:
        image = await known.images.open(house, chosen[1])
        number = _number(request, image)
        picture = await _render(house, image, number, media_type=media_type, thumbnail=True, **wishes)
    except Malformed:
        picture = await house.decoders.run("plate", [], media_type=media_type)
    return await _answer(house, admission, one_of_them, picture, media_type)


def _from_the_middle(found: Found) -> tuple[HeldSeries, HeldInstance]:
    images = [one for one in found.instances if one[0].modality not in _WITHOUT_PIXELS]
    first = next((series for series, _ in images), None)
    candidates = [one for one in images if one[0] is first] or [*found.instances]
    return candidates[len(candidates) // 2]


def _number(request: Request, image: Image) -> int:
    text = request.path_params.get("frame", "1")
    if not re.fullmatch(r"[0-9]{1,7}", text):
        raise Malformed("frame_list")
    if not 1 <= int(text) <= image.pixels.shape.frames:
        raise NotFound
    return int(text)


def _wishes(request: Request, largest: int) -> dict[str, Any]:
    """Read the parameters. Raises: Malformed("window"), ("viewport") or ("quality")."""
    asked = request.query_params
    window, viewport, quality = asked.get("window"), asked.get("viewport"), asked.get("quality", "90")
    if window is not None and not _WINDOW.fullmatch(window):
        raise Malformed("window")
    if not re.fullmatch(r"[0-9]{1,3}", quality) or not 1 <= int(quality) <= 100:
        raise Malformed("quality")
    return {
        "window": _window(window) if window else None,
        "viewport": _viewport(viewport, largest) if viewport else None,
        "quality": int(quality),
    }


def _window(text: str) -> list[Any]:
    centre, width, function = text.split(",")
    if float(width) <= 0:
        raise Malformed("window")
    return [float(centre), float(width), function.upper().replace("-", "_")]


def _viewport(text: str, largest: int) -> list[int]:
    if not _VIEWPORT.fullmatch(text):
        raise Malformed("viewport")
    numbers = [int(part or 0) for part in text.split(",")]
    wide, tall = numbers[:2]
    if not (0 < wide <= largest and 0 < tall <= largest) or (len(numbers) == 6 and 0 in numbers[4:]):
        raise Malformed("viewport")
    return numbers


async def _render(house: House, image: Image, number: int, **wishes: Any) -> bytes:
    """Have a picture made. Raises: Malformed("not_decodable"); Unavailable("objects")."""
    content, head = await frame(house, image, number), await header(house, image)
    return await house.decoders.run("render", [head, content], head=len(head), number=number, **wishes)


async def _answer(
    house: House, admission: Admission, found: Found, content: bytes, media_type: str
) -> PiecemealResponse:
    viewing = await viewing_of(house, admission, found)
    fields = {"Content-Type": media_type, "Content-Security-Policy": "sandbox"}
    uids = [instance.sop_uid for _, instance in found.instances]
    return PiecemealResponse(house, viewing, one(content), fields, length=len(content), instances=uids)
