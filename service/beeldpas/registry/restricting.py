"""The doors for keeping a study from care providers, and for showing it to them again: the person's own choice.

It holds for the study wherever it lies. Providers see no trace of it; the person sees it, marked, and can undo it.
*Source:* EHDS (Regulation (EU) 2025/327) art. 8 (restrictions); docs/wire.md §2.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from beeldpas.audit.events import Lookup
from beeldpas.database.engine import transaction
from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import BeeldpasError, Malformed, NotFound, Refused, Unavailable
from beeldpas.formats.fhir import systems, values
from beeldpas.formats.question import Asked
from beeldpas.registry import asking
from beeldpas.registry.index import Index
from beeldpas.registry.questions import record
from beeldpas.registry.store import restrictions
from beeldpas.registry.store.lookup import PROVIDERS
from beeldpas.registry.store.renaming import rename
from beeldpas.registry.wanted import Form, person_of
from beeldpas.web.body import read_form

_FIELDS = frozenset({"patient.identifier", "identifier"})


@dataclass(frozen=True, slots=True)
class _Wanted:
    bsn: BSN
    study_uid: str


async def _change(request: Request, *, kept_back: bool) -> Response:
    index: Index = request.app.state.index
    now = index.clock()
    asked = asking.question_of(index, request, now)
    wanted = await _wanted(request)
    hurry = await asking.hurry(index, asked)
    person = None if hurry or isinstance(wanted, BeeldpasError) else wanted.bsn
    names = await asking.names_of(index, asked, person)
    absence = names if isinstance(names, Unavailable) else None
    known = () if isinstance(names, Unavailable) else names
    kind = Lookup.RESTRICT_STUDY if kept_back else Lookup.RELEASE_STUDY
    async with transaction(index.engine) as connection:
        outcome = hurry or absence or await _done(connection, index, asked, wanted, known, now, kept_back=kept_back)
        patient = known[0] if known else None
        await record(connection, index, asked=asked, patient=patient, outcome=outcome, now=now, kind=kind)
    if isinstance(outcome, BeeldpasError):
        raise outcome
    return Response(status_code=204)


restrict_study = partial(_change, kept_back=True)
release_study = partial(_change, kept_back=False)


async def _wanted(request: Request) -> _Wanted | BeeldpasError:
    try:
        form: Form = await read_form(request)
        if set(form) != _FIELDS or any(len(given) != 1 for given in form.values()):
            raise Malformed("parameter_not_supported", {"where": "patient.identifier and identifier"})
        system, _, value = form["identifier"][0].partition("|")
        uid = values.uid(value) if system == systems.DICOM_UID and value.startswith(systems.OID_PREFIX) else ""
        if not uid:
            raise Malformed("parameter_not_supported", {"where": "identifier"})
        return _Wanted(person_of(form), uid)
    except Malformed as error:
        return error


async def _done(
    connection: AsyncConnection,
    index: Index,
    asked: Asked | BeeldpasError,
    wanted: _Wanted | BeeldpasError,
    names: Sequence[str],
    now: datetime,
    *,
    kept_back: bool,
) -> int | BeeldpasError:
    audience = await asking.use_up(connection, index, asked, now)
    if isinstance(audience, BeeldpasError):
        return audience
    if audience in PROVIDERS:
        return Refused("question_not_allowed")
    if isinstance(wanted, BeeldpasError):
        return wanted
    await rename(connection, names)
    if not await restrictions.concerns(connection, names[0], wanted.study_uid, audience):
        return NotFound()
    if kept_back:
        await restrictions.restrict(connection, names[0], wanted.study_uid, now)
    else:
        await restrictions.release(connection, names[0], wanted.study_uid)
    return 1
