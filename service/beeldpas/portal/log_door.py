"""What the portal tells of its own log, and where hospitals put their word below it.

Nothing here is about anybody: a checkpoint is a count and a hash over salted hashes. Whoever asks for a proof names
two sizes; whoever gives a word signs it, and is known by the hospital directory.
*Source:* docs/wire.md §9; C2SP tlog-checkpoint, tlog-cosignature.
"""

from base64 import b64encode
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from beeldpas.audit import tree_store
from beeldpas.audit.checkpoint import LogKeys, cosigned_at, read_checkpoint, verifiers_of, witness_name
from beeldpas.audit.note import Kind, Note, Verifier, read_note
from beeldpas.database.engine import transaction
from beeldpas.domain.errors import BeeldpasError, Conflict, Malformed, NotFound, Refused
from beeldpas.portal.house import House
from beeldpas.web.body import read_body
from beeldpas.web.errors import problem_response

_LARGEST = 64 * 1024
_MOST_LINES, _MOST_DIGITS = 16, 18
_SKEW = timedelta(minutes=5)
_FRESH = {"Cache-Control": "no-cache"}


def routes() -> list[Route]:
    """Return the routes for hospitals and for whoever wants to look on."""
    return [
        Route("/log/checkpoint", checkpoint, methods=["GET"]),
        Route("/log/consistency/{old}/{new}", consistency, methods=["GET"]),
        Route("/log/cosignatures", cosignatures, methods=["POST"]),
    ]


async def checkpoint(request: Request) -> Response:
    """Give a checkpoint of some seconds ago, with the hospitals' words that stand below it by now."""
    house: House = request.app.state.house
    try:
        async with transaction(house.engine) as connection:
            note = await tree_store.published(connection, house.clock())
        if note is None:
            raise NotFound
    except BeeldpasError as error:
        return problem_response(error)
    return Response(str(note), headers=_FRESH, media_type="text/plain")


async def consistency(request: Request) -> Response:
    """Give the proof that a larger tree of this log grew out of a smaller one: one hash a line."""
    house: House = request.app.state.house
    try:
        async with transaction(house.engine) as connection:
            path = await tree_store.consistency(connection, _size(request, "old"), _size(request, "new"))
    except BeeldpasError as error:
        return problem_response(error)
    return Response("".join(f"{b64encode(one).decode()}\n" for one in path), media_type="text/plain")


async def cosignatures(request: Request) -> Response:
    """Take a hospital's word: the checkpoint as it was given, with its line below."""
    house: House = request.app.state.house
    try:
        note = _read(await read_body(request, _LARGEST))
        async with transaction(house.engine) as connection:
            await _keep(house, connection, note)
    except BeeldpasError as error:
        return problem_response(error)
    return Response(status_code=204)


def log_keys(house: House) -> LogKeys:
    """Return who the portal's log is."""
    return LogKeys.of(house.settings.base_url, house.keys)


def witnesses(house: House) -> dict[str, tuple[Verifier, ...]]:
    """Return the keys of each hospital as a witness, by the gateway's id."""
    return {
        one.gateway_id: verifiers_of(witness_name(one.base_url), house.gateway_keys[one.gateway_id], Kind.COSIGNATURE)
        for one in house.directory.hospitals
        if one.gateway_id in house.gateway_keys
    }


def _size(request: Request, name: str) -> int:
    text: str = request.path_params[name]
    if not text.isascii() or not text.isdecimal() or len(text) > _MOST_DIGITS:
        raise NotFound
    return int(text)


def _read(body: bytes) -> Note:
    try:
        note = read_note(body.decode())
    except UnicodeDecodeError as error:
        raise Malformed("note") from error
    if len(note.signatures) > _MOST_LINES:
        raise Malformed("note")
    return note


async def _keep(house: House, connection: AsyncConnection, note: Note) -> None:
    """Keep the words of hospitals that we know, over a checkpoint that we gave.

    Raises: Conflict("checkpoint_unknown"), Refused("invalid_token") when no word is good.
    """
    size = read_checkpoint(note.text).size
    given = await tree_store.at_size(connection, size)
    if given is None or given.text != note.text:
        raise Conflict("checkpoint_unknown")
    known = [one for keys in witnesses(house).values() for one in keys]
    words = [(line, cosigned_at(note.text, line, one)) for line in note.signatures for one in known if one.made(line)]
    good = [(line, at) for line, at in words if at is not None and at <= house.clock() + _SKEW]
    if not good:
        raise Refused("invalid_token")
    for line, at in good:
        await tree_store.keep_cosignature(connection, size, line, at)
