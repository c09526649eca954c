"""The door for searching: one person's studies, for who may ask and says why; every question is recorded.

A refusal is a value until the record of it is committed. *Source:* FHIR R4 §3.1.1 (search), docs/wire.md §1–2;
NEN 7513 (who asked what about whom, on what ground, with what outcome).
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from beeldpas.audit.name_keys import note_keys
from beeldpas.database.engine import transaction
from beeldpas.domain.errors import BeeldpasError, Malformed, Unavailable
from beeldpas.formats.fhir import text
from beeldpas.formats.question import Asked
from beeldpas.registry import asking, links, metrics
from beeldpas.registry.answer import Answer, searchset_of
from beeldpas.registry.index import Index
from beeldpas.registry.questions import SOURCE, record
from beeldpas.registry.store import lookup
from beeldpas.registry.store.lookup import Audience
from beeldpas.registry.store.renaming import rename
from beeldpas.registry.wanted import Search
from beeldpas.web.body import read_form

_KIND = "search"


async def search_studies(request: Request) -> Response:
    """`POST /fhir/ImagingStudy/_search`."""
    index: Index = request.app.state.index
    now = index.clock()
    return await _answered(index, asking.question_of(index, request, now), await _asked_for(request), now)


async def next_page(request: Request) -> Response:
    """`GET /fhir/ImagingStudy?_page=…`: goes on where an answer ended, for who got that answer."""
    index: Index = request.app.state.index
    now = index.clock()
    asked = asking.question_of(index, request, now)
    try:
        if isinstance(asked, BeeldpasError) or list(request.query_params) != [links.PARAMETER]:
            raise Malformed("page_not_known")
        facts = index.links.open(_KIND, request.query_params[links.PARAMETER], _whose(asked))
        wanted: Search | BeeldpasError = Search.going_on(facts)
    except Malformed as error:
        wanted = error
    return await _answered(index, asked, wanted, now)


async def _asked_for(request: Request) -> Search | BeeldpasError:
    try:
        return Search.read(await read_form(request))
    except Malformed as error:
        return error


async def _answered(
    index: Index, asked: Asked | BeeldpasError, wanted: Search | BeeldpasError, now: datetime
) -> Response:
    hurry = await asking.hurry(index, asked)
    person = None if hurry or isinstance(wanted, BeeldpasError) else wanted.bsn
    names = await asking.names_of(index, asked, person)
    absence = names if isinstance(names, Unavailable) else None
    known = () if isinstance(names, Unavailable) else names
    async with transaction(index.engine) as connection:
        outcome = hurry or absence or await _answer(connection, index, asked, wanted, known, now)
        found = outcome.total if isinstance(outcome, Answer) else outcome
        await record(connection, index, asked=asked, patient=known[0] if known else None, outcome=found, now=now)
    if isinstance(outcome, Answer):
        index.habits.keys_noted(known)
    metrics.questions.labels(outcome.reason if isinstance(outcome, BeeldpasError) else "answered").inc()
    if isinstance(outcome, BeeldpasError):
        raise outcome
    return Response(outcome.text, media_type=text.MEDIA_TYPE)


async def _answer(
    connection: AsyncConnection,
    index: Index,
    asked: Asked | BeeldpasError,
    wanted: Search | BeeldpasError,
    names: Sequence[str],
    now: datetime,
) -> Answer | BeeldpasError:
    audience = await asking.use_up(connection, index, asked, now)
    if isinstance(asked, BeeldpasError):
        return asked
    if isinstance(audience, BeeldpasError):
        return audience
    if isinstance(wanted, BeeldpasError):
        return wanted
    if index.habits.are_new(names):
        await note_keys(connection, names, SOURCE, now)
    await rename(connection, names)
    found = await lookup.of_person(connection, names, _of(wanted, audience))
    following = index.links.make(_KIND, wanted.facts(found.last), _whose(asked)) if found.last else ""
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


def _whose(asked: Asked) -> str:
    """Who may follow a link: the same program, asking for the same person in the same role."""
    question = asked.question
    return "\n".join((asked.issuer, question.subject, question.asker, question.role))
