"""Reading what a request sends, up to a limit: a body is never taken in whole before it is known to be small."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request

from beeldpas.domain.errors import Malformed

_FORM = "application/x-www-form-urlencoded"
_FORM_LIMIT = 64 * 1024
_FIELDS_LIMIT = 50


async def read_body(request: Request, max_bytes: int) -> bytes:
    """Return the body. Raises: Malformed("too_large")."""
    taken = bytearray()
    async for chunk in request.stream():
        taken += chunk
        if len(taken) > max_bytes:
            raise Malformed("too_large")
    return bytes(taken)


async def read_form(request: Request) -> Mapping[str, tuple[str, ...]]:
    """Return the fields of a URL-encoded form, each with its values in order.

    Raises: Malformed("form") for another content type or unreadable text, Malformed("too_large").
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise Malformed("form")
    body = await read_body(request, _FORM_LIMIT)
    fields: dict[str, tuple[str, ...]] = {}
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_FIELDS_LIMIT, errors="strict")
    except ValueError as error:
        raise Malformed("form") from error
    for name, value in pairs:
        fields[name] = (*fields.get(name, ()), value)
    return fields
