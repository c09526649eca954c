"""The door for publishing: a transaction or one conditional update, all or nothing, by an authenticated hospital.

*Source:* FHIR R4 §3.1.0.11 (transaction), §3.1.0.4.3 (conditional update); docs/wire.md §2.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import structlog
from starlette.requests import Request
from starlette.responses import Response

from beeldpas.audit.name_keys import note_keys
from beeldpas.database.engine import transaction
from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import BeeldpasError
from beeldpas.formats.fhir import text
from beeldpas.formats.fhir.bundles import Put, Stored, etag, read_transaction, transaction_response
from beeldpas.formats.hospitals import Hospital
from beeldpas.registry import metrics
from beeldpas.registry.bearer import publishing_hospital
from beeldpas.registry.index import Index
from beeldpas.registry.questions import SOURCE
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
    with metrics.counting(hospital.gateway_id):
        puts = read_transaction(text.parse(await read_body(request, _BUNDLE_LIMIT)))
        accepted = [_accept_nth(hospital, put, number) for number, put in enumerate(puts)]
        stored = await _store(index, hospital, accepted)
    return _answer(text.render(transaction_response(stored)), 200)


async def publish_one(request: Request) -> Response:
    """`PUT /fhir/{ImagingStudy|DiagnosticReport}?identifier=…` or `PUT /fhir/Endpoint/{id}`."""
    index: Index = request.app.state.index
    hospital = publishing_hospital(index, request)
    with metrics.counting(hospital.gateway_id):
        resource = text.parse(await read_body(request, _RESOURCE_LIMIT))
        put = Put(_address(request), resource, request.headers.get("if-match"))
        (stored,) = await _store(index, hospital, [accept(put, hospital)])
    answer = _answer("", 201 if stored.created else 200)
    answer.headers["ETag"] = etag(stored.version)
    answer.headers["Location"] = f"{index.settings.fhir_base}/{stored.location}/_history/{stored.version}"
    return answer


async def take_out(request: Request) -> Response:
    """`DELETE /fhir/{ImagingStudy|DiagnosticReport}?identifier=…`: the same answer whether it was there or not."""
    index: Index = request.app.state.index
    hospital = publishing_hospital(index, request)
    with metrics.counting(hospital.gateway_id):
        gone = Put(_address(request), None, request.headers.get("if-match"))
        await _store(index, hospital, [accept(gone, hospital)])
    return Response(status_code=204)


def _address(request: Request) -> str:
    address = request.url.path.rpartition("/fhir/")[2]
    return f"{address}?{request.url.query}" if request.url.query else address


def _accept_nth(hospital: Hospital, put: Put, number: int) -> Entry:
    """Accept one entry of a Bundle; a refusal says which one it was."""
    try:
        return accept(put, hospital)
    except BeeldpasError as error:
        where = f"Bundle.entry[{number}] {error.detail.get('where', '')}".rstrip()
        raise type(error)(error.reason, {**error.detail, "where": where}) from error


async def _store(index: Index, hospital: Hospital, accepted: Sequence[Entry]) -> tuple[Stored, ...]:
    names = await index.pseudonyms.names_of({entry.person for entry in accepted if entry.person is not None})
    named = [_named(entry, names) for entry in accepted]
    async with transaction(index.engine) as connection:
        if names:
            await note_keys(connection, next(iter(names.values())), SOURCE, index.clock())
        stored = await entries.put(connection, hospital.gateway_id, named, index.clock())
    metrics.published.labels(hospital.gateway_id).inc(len(stored))
    created = sum(one.created for one in stored)
    log.info("published", hospital=hospital.gateway_id, entries=len(stored), created=created)
    return stored


def _named(entry: Entry, names: Mapping[BSN, tuple[str, ...]]) -> Entry:
    """Put the newest name in the place of the person."""
    if entry.person is None:
        return entry
    return replace(entry, columns={**entry.columns, "pseudonym": names[entry.person][0]})


def _answer(body: str, status: int) -> Response:
    return Response(body, status, media_type=text.MEDIA_TYPE)
