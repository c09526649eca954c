"""The door for searching: one person's studies, for who may ask and says why; every question is recorded.

A refusal is a value until the record of it is committed. *Source:* FHIR R4 §3.1.1 (search), docs/wire.md §1–2;
NEN 7513 (who asked what about whom, on what ground, with what outcome).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from beeldpas.audit.name_keys import note_keys
from beeldpas.database.engine import transaction
from beeldpas.domain.bsn import BSN, BSN_SYSTEM
from beeldpas.domain.errors import BeeldpasError, Malformed, Refused, Unavailable
from beeldpas.formats.fhir import text
from beeldpas.formats.fhir.text import Resource
from beeldpas.formats.question import Asked, Question, read_question
from beeldpas.registry.answer import searchset_of
from beeldpas.registry.bearer import bearer_of
from beeldpas.registry.index import Index
from beeldpas.registry.questions import SOURCE, record
from beeldpas.registry.store import lookup, tokens
from beeldpas.registry.store.renaming import rename
from beeldpas.web.body import read_form

_PERSON = "patient.identifier"
_SUPPORTED = {
    _PERSON: None,
    "_include": "ImagingStudy:endpoint",
    "_revinclude": "DiagnosticReport:imaging-study",
}

# For now: the portal on behalf of the signed-in patient, for the patient's own access.
_MAY_ASK = frozenset({("patient", "PATRQT", "own")})


@dataclass(frozen=True, slots=True)
class _Wanted:
    bsn: BSN
    endpoints: bool
    reports: bool


async def search_studies(request: Request) -> Response:
    """`POST /fhir/ImagingStudy/_search`."""
    index: Index = request.app.state.index
    now = index.clock()
    asked = _question(index, request, now)
    wanted = await _wanted(request)
    hurry = await _hurry(index, asked)
    names = () if hurry else await _names(index, asked, wanted)
    absence = names if isinstance(names, Unavailable) else None
    known = () if isinstance(names, Unavailable) else names
    async with transaction(index.engine) as connection:
        outcome = hurry or absence or await _answer(connection, index, asked, wanted, known, now)
        await record(connection, index, asked=asked, patient=known[0] if known else None, outcome=outcome, now=now)
    if isinstance(outcome, BeeldpasError):
        raise outcome
    return Response(text.render(outcome), media_type=text.MEDIA_TYPE)


def _question(index: Index, request: Request, now: datetime) -> Asked | BeeldpasError:
    try:
        return read_question(bearer_of(request), askers=index.askers, audience=index.settings.base_url, now=now)
    except Refused as refusal:
        return refusal


async def _hurry(index: Index, asked: Asked | BeeldpasError) -> BeeldpasError | None:
    """Count a question for whoever signed it; a refusal when they ask too often."""
    if isinstance(asked, BeeldpasError):
        return None
    try:
        await index.limits.spend("question", index.settings.limits.questions, asked.issuer)
    except Refused as refusal:
        return refusal
    return None


async def _names(
    index: Index, asked: Asked | BeeldpasError, wanted: _Wanted | BeeldpasError
) -> tuple[str, ...] | Unavailable:
    """Return the names of who is asked about; none for a question that nobody we know has asked."""
    if isinstance(asked, BeeldpasError) or isinstance(wanted, BeeldpasError):
        return ()
    try:
        return await index.pseudonyms.names(wanted.bsn)
    except Unavailable as absence:
        return absence


async def _wanted(request: Request) -> _Wanted | BeeldpasError:
    """Read the form. A parameter that would be passed over in silence would give a wrong answer, so it is refused."""
    try:
        form = await read_form(request)
        for name, given in form.items():
            if name not in _SUPPORTED or len(given) != 1 or _SUPPORTED[name] not in (None, given[0]):
                raise Malformed("parameter_not_supported", {"where": name if name.isidentifier() else ""})
        return _Wanted(_person(form), "_include" in form, "_revinclude" in form)
    except Malformed as error:
        return error


def _person(form: Mapping[str, tuple[str, ...]]) -> BSN:
    system, _, number = "".join(form.get(_PERSON, ())).partition("|")
    if system != BSN_SYSTEM:
        raise Malformed("bsn")
    return BSN.parse(number)


async def _answer(
    connection: AsyncConnection,
    index: Index,
    asked: Asked | BeeldpasError,
    wanted: _Wanted | BeeldpasError,
    names: Sequence[str],
    now: datetime,
) -> Resource | BeeldpasError:
    if isinstance(asked, BeeldpasError):
        return asked
    if not await tokens.spend(connection, issuer=asked.issuer, jti=asked.jti, expires_at=asked.expires_at, now=now):
        return Refused("invalid_token")
    if _standing(asked.question) not in _MAY_ASK:
        return Refused("question_not_allowed")
    if isinstance(wanted, BeeldpasError):
        return wanted
    await note_keys(connection, names, SOURCE, now)
    await rename(connection, names)
    found = await lookup.of_person(connection, names)
    return searchset_of(
        found, wanted.bsn, index.settings.fhir_base, with_endpoints=wanted.endpoints, with_reports=wanted.reports
    )


def _standing(question: Question) -> tuple[str, str, str]:
    return (question.asker, question.purpose, question.basis)
