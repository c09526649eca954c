"""The door for publishing: a transaction or one conditional update, all or nothing, by an authenticated hospital.

*Source:* FHIR R4 §3.1.0.11 (transaction), §3.1.0.4.3 (conditional update); docs/wire.md §2.
"""

from collections.abc import Sequence

import structlog
from starlette.requests import Request
from starlette.responses import Response

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import BeeldpasError
from beeldpas.formats.fhir import text
from beeldpas.formats.fhir.bundles import Put, Stored, etag, read_transaction, transaction_response
from beeldpas.formats.hospitals import Hospital
from beeldpas.registry.bearer import publishing_hospital
from beeldpas.registry.index import Index
from beeldpas.registry.rules import accept
from beeldpas.registry.store import entries
from beeldpas.registry.store.entries import Entry
from beeldpas.web.body import read_body

_BUNDLE_LIMIT = 16_000_000
_RESOURCE_LIMIT = 1_000_000
log = structlog.get_logger()


async def publish_many(request: Request) -> Response:
    """`POST /fhir`: a transaction Bundle."""
    index: Index = request.app.state.index
    hospital = publishing_hospital(index, request)
    puts = read_transaction(text.parse(await read_body(request, _BUNDLE_LIMIT)))
    accepted = [_accept_nth(index, hospital, put, number) for number, put in enumerate(puts)]
    stored = await _store(index, hospital, accepted)
    return _answer(text.render(transaction_response(stored)), 200)


async def publish_one(request: Request) -> Response:
    """`PUT /fhir/{ImagingStudy|DiagnosticReport}?identifier=…` or `PUT /fhir/Endpoint/{id}`."""
    index: Index = request.app.state.index
    hospital = publishing_hospital(index, request)
    resource = text.parse(await read_body(request, _RESOURCE_LIMIT))
    address = request.url.path.rpartition("/fhir/")[2]
    url = f"{address}?{request.url.query}" if request.url.query else address
    put = Put(url, resource, request.headers.get("if-match"))
    (stored,) = await _store(index, hospital, [accept(put, hospital, index.pseudonyms)])
    answer = _answer("", 201 if stored.created else 200)
    answer.headers["ETag"] = etag(stored.version)
    answer.headers["Location"] = f"{index.settings.fhir_base}/{stored.location}/_history/{stored.version}"
    return answer


def _accept_nth(index: Index, hospital: Hospital, put: Put, number: int) -> Entry:
    """Accept one entry of a Bundle; a refusal says which one it was."""
    try:
        return accept(put, hospital, index.pseudonyms)
    except BeeldpasError as error:
        where = f"Bundle.entry[{number}] {error.detail.get('where', '')}".rstrip()
        raise type(error)(error.reason, {**error.detail, "where": where}) from error


async def _store(index: Index, hospital: Hospital, accepted: Sequence[Entry]) -> tuple[Stored, ...]:
    async with transaction(index.engine) as connection:
        stored = await entries.put(connection, hospital.gateway_id, accepted, index.clock())
    created = sum(one.created for one in stored)
    log.info("published", hospital=hospital.gateway_id, entries=len(stored), created=created)
    return stored


def _answer(body: str, status: int) -> Response:
    return Response(body, status, media_type=text.MEDIA_TYPE)
