"""The door for searching: one person's studies, for who may ask and says why; every question is recorded.

*Source:* FHIR R4 §3.1.1 (search), docs/wire.md §1–2.
"""

from collections.abc import Sequence
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from beeldpas.domain.errors import BeeldpasError, Malformed
from beeldpas.formats.fhir import text
from beeldpas.formats.question import Asked
from beeldpas.registry import asking, links
from beeldpas.registry.answer import Answer, searchset_of
from beeldpas.registry.answering import answered, whose
from beeldpas.registry.index import Index
from beeldpas.registry.store import lookup
from beeldpas.registry.store.lookup import Audience
from beeldpas.registry.wanted import Search
from beeldpas.web.body import read_form

_KIND = "search"


async def search_studies(request: Request) -> Response:
    """`POST /fhir/ImagingStudy/_search`."""
    index: Index = request.app.state.index
    now = index.clock()
    asked = asking.question_of(index, request, now)
    answer = await answered(index, asked, await _asked_for(request), partial(_find, index), now)
    return Response(answer.text, media_type=text.MEDIA_TYPE)


async def next_page(request: Request) -> Response:
    """`GET /fhir/ImagingStudy?_page=…`: goes on where an answer ended, for who got that answer."""
    index: Index = request.app.state.index
    now = index.clock()
    asked = asking.question_of(index, request, now)
    try:
        if isinstance(asked, BeeldpasError) or list(request.query_params) != [links.PARAMETER]:
            raise Malformed("page_not_known")
        facts = index.links.open(_KIND, request.query_params[links.PARAMETER], whose(asked))
        wanted: Search | BeeldpasError = Search.going_on(facts)
    except Malformed as error:
        wanted = error
    answer = await answered(index, asked, wanted, partial(_find, index), now)
    return Response(answer.text, media_type=text.MEDIA_TYPE)


async def _asked_for(request: Request) -> Search | BeeldpasError:
    try:
        return Search.read(await read_form(request))
    except Malformed as error:
        return error


async def _find(
    index: Index, connection: AsyncConnection, asked: Asked, wanted: Search, names: Sequence[str], audience: Audience
) -> Answer:
    found = await lookup.of_person(connection, names, _of(wanted, audience))
    following = index.links.make(_KIND, wanted.facts(found.last), whose(asked)) if found.last else ""
    return searchset_of(
        found,
        wanted.bsn,
        index.settings.fhir_base,
        with_endpoints=wanted.endpoints,
        with_reports=wanted.reports,
        following=following,
    )


def _of(wanted: Search, audience: Audience) -> lookup.Wanted:
    return lookup.Wanted(audience, wanted.most, wanted.after, *wanted.changed)
