"""Who asks, and what they may be told: a question is read, counted and used up before anything is looked for.

Every door that answers about a person begins here. *Source:* docs/wire.md §1.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request

from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import BeeldpasError, Refused, Unavailable
from beeldpas.formats.question import Asked, Question, read_question
from beeldpas.registry.bearer import bearer_of
from beeldpas.registry.index import Index
from beeldpas.registry.store import tokens
from beeldpas.registry.store.lookup import Audience

_PATIENT = ("patient", "PATRQT", "own")
_PROVIDER = ("provider", "TREAT", "share")


def question_of(index: Index, request: Request, now: datetime, door: str = "") -> Asked | BeeldpasError:
    """Return the question that a request brings, or why it is none; `door`: its audience, if not the registry."""
    try:
        audience = door or index.settings.base_url
        return read_question(bearer_of(request), askers=index.askers, audience=audience, now=now)
    except Refused as refusal:
        return refusal


async def hurry(index: Index, asked: Asked | BeeldpasError) -> BeeldpasError | None:
    """Count a question for whoever signed it; a refusal when they ask too often."""
    if isinstance(asked, BeeldpasError):
        return None
    try:
        await index.limits.spend("question", index.settings.limits.questions, asked.issuer)
    except Refused as refusal:
        return refusal
    return None


async def names_of(index: Index, asked: Asked | BeeldpasError, person: BSN | None) -> tuple[str, ...] | Unavailable:
    """Return the names of who is asked about; none for a question that nobody we know has asked."""
    if isinstance(asked, BeeldpasError) or person is None:
        return ()
    try:
        return await index.pseudonyms.names(person)
    except Unavailable as absence:
        return absence


async def use_up(
    connection: AsyncConnection, index: Index, asked: Asked | BeeldpasError, now: datetime
) -> Audience | BeeldpasError:
    """Use a question up; return as whom its asker looks, or why it is not answered."""
    if isinstance(asked, BeeldpasError):
        return asked
    if index.habits.is_time_to_forget(now):
        await tokens.forget(connection, now)
    if not await tokens.spend(connection, issuer=asked.issuer, jti=asked.jti, expires_at=asked.expires_at):
        return Refused("invalid_token")
    return _audience(asked.question, asked.issuer in index.for_providers) or Refused("question_not_allowed")


def _audience(question: Question, for_providers: bool) -> Audience | None:
    """Nobody looks for a reason that is not written here.

    A provider sees no more than whoever gave the share: of somebody who stands in for the patient, and where nobody
    says who gave it, what is withheld from representatives stays out.
    """
    standing = (question.asker, question.purpose, question.basis)
    if standing == _PATIENT:
        return "patient" if question.role == "patient" else "representative"
    if standing != _PROVIDER or not for_providers:
        return None
    return "provider" if question.given_by == "patient" else "provider for representative"
