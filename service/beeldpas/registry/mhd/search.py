"""The door of ITI-67: which documents there are of one person, for who may ask and says why.

*Source:* IHE ITI MHD §3.67; FHIR R4 §3.1.1 (search); docs/wire.md §2.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from beeldpas.domain.errors import BeeldpasError, Malformed
from beeldpas.formats.fhir import text
from beeldpas.formats.fhir.bundles import searchset
from beeldpas.formats.fhir.envelopes import manifest_envelope, report_envelope
from beeldpas.formats.fhir.text import Resource
from beeldpas.formats.mado import Told
from beeldpas.formats.question import Asked
from beeldpas.registry import asking, links
from beeldpas.registry.answer import shown
from beeldpas.registry.answering import answered, whose
from beeldpas.registry.index import Index
from beeldpas.registry.mhd.holders import holders_of
from beeldpas.registry.mhd.listing import Document, documents, page_of, tellable, unlisted
from beeldpas.registry.mhd.manifest import address_of
from beeldpas.registry.mhd.wanted import Documents
from beeldpas.registry.store import documents as store
from beeldpas.registry.store.lookup import Audience, reports_of
from beeldpas.web.body import read_form

_KIND = "documents"
_DOOR = "DocumentReference"


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of the list; `total` counts the documents of all pages."""

    bundle: Resource
    total: int


async def search_documents(request: Request) -> Response:
    """`POST /mhd/DocumentReference/_search`."""
    return await _answer(request, await _asked_for(request))


async def more_documents(request: Request) -> Response:
    """`GET /mhd/DocumentReference?_page=…`: goes on where a list ended, for who got it."""
    return await _answer(request, None)


async def _answer(request: Request, wanted: Documents | BeeldpasError | None) -> Response:
    index: Index = request.app.state.index
    now = index.clock()
    asked = asking.question_of(index, request, now, index.settings.mhd_base)
    sought = _going_on(index, request, asked) if wanted is None else wanted
    listed = await answered(index, asked, sought, partial(_find, index), now)
    return Response(text.render(listed.bundle), media_type=text.MEDIA_TYPE)


async def _asked_for(request: Request) -> Documents | BeeldpasError:
    try:
        return Documents.read(await read_form(request))
    except Malformed as error:
        return error


def _going_on(index: Index, request: Request, asked: Asked | BeeldpasError) -> Documents | BeeldpasError:
    try:
        if isinstance(asked, BeeldpasError) or list(request.query_params) != [links.PARAMETER]:
            raise Malformed("page_not_known")
        facts = index.links.open(_KIND, request.query_params[links.PARAMETER], whose(asked))
        return Documents.going_on(facts)
    except Malformed as error:
        return error


async def _find(
    index: Index,
    connection: AsyncConnection,
    asked: Asked,
    wanted: Documents,
    names: Sequence[str],
    audience: Audience,
) -> Listed:
    studies = await store.outlines(connection, names, audience)
    kept_back = await store.kept_back(connection, names, audience, studies)
    reports = tellable(await reports_of(connection, names, audience), kept_back)
    found = documents(wanted, studies, reports)
    page, last = page_of(wanted, found)
    envelopes = await _envelopes(index, connection, asked, wanted, names, audience, page)
    base = index.settings.mhd_base
    own = index.links.below(base)
    following = own.make(_KIND, wanted.facts(last), whose(asked), _DOOR) if last else ""
    bundle = searchset(base, envelopes, (), total=len(found), following=following, address=f"{_DOOR}/_search")
    absent = unlisted(wanted, studies) if wanted.after is None else 0
    if absent:
        bundle["entry"] = [*bundle.get("entry", []), _absence(absent)]
    return Listed(bundle, len(found))


async def _envelopes(
    index: Index,
    connection: AsyncConnection,
    asked: Asked,
    wanted: Documents,
    names: Sequence[str],
    audience: Audience,
    page: Sequence[Document],
) -> list[Resource]:
    entry_ids = sorted({one.entry_id for one in page if one.encoding})
    kept = await store.of_entries(connection, names, audience, entry_ids)
    reported = (one.report.kept.gateway_id for one in page if one.report)
    holders = await holders_of(index, connection, [*reported, *(one.gateway_id for one in kept.values())])
    made = []
    for one in page:
        if one.report:
            holder = holders[one.report.kept.gateway_id]
            resource = one.report.resource | {"meta": shown(one.report.kept)["meta"]}
            made.append(report_envelope(one.report.kept.entry_id, resource, wanted.bsn, (holder.name, holder.ura)))
        elif one.encoding:
            entry = kept[one.entry_id]
            told = Told(
                entry.entry_id, entry.version, entry.updated_at, wanted.bsn, holders[entry.gateway_id], shown(entry)
            )
            made.append(manifest_envelope(told, one.encoding, address_of(index, told, one.encoding, whose(asked))))
    return made


def _absence(studies: int) -> dict[str, Any]:
    """That studies are known of which there is no manifest: their hospitals do not name their instances."""
    words = f"{studies} registered without a list of instances, so without a manifest; see ImagingStudy/_search"
    issue = {"severity": "warning", "code": "incomplete", "diagnostics": words}
    return {"resource": {"resourceType": "OperationOutcome", "issue": [issue]}, "search": {"mode": "outcome"}}
