"""A form of somebody whose visit ended while they filled it in: what they typed waits until they sign in again.

The form carries a sealed note of whose it is. Without a visit it opens nothing and shows nothing: it only lets what
was typed be put down, for a while, for the person to whom the page was given. Nobody else can make such a note.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import Malformed
from beeldpas.domain.uid import is_uid
from beeldpas.portal.pages.visit import Visit, text
from beeldpas.portal.patient.door import PatientVisit, is_signed_in
from beeldpas.portal.patient.draft import Draft, seal_of
from beeldpas.portal.store import drafts

FIELD = "unfinished"
_LASTS = timedelta(hours=3)  # a visit of two hours at most, and some time to come back to its page
_CONTEXT = b"unfinished form"
_MOST = 1000
Endpoint = Callable[[Request], Awaitable[Response]]
Keep = Callable[[Draft, FormData], Draft]


@dataclass(frozen=True, slots=True)
class Owner:
    """To whom a page was given: the patient's name, and whoever stands in for them."""

    patient: str
    acting: str


def note_of(visit: PatientVisit) -> str:
    """Return the sealed note that a form carries."""
    asker = visit.asker
    note = json.dumps([asker.subject, asker.acting, (visit.now + _LASTS).isoformat()])
    return urlsafe_b64encode(seal_of(visit.house).close(note.encode(), _CONTEXT)).decode()


def or_keep(keep: Keep) -> Callable[[Endpoint], Endpoint]:
    """Make an endpoint put down what was typed when the visit is over; then it says that it is over, as always."""

    def around(endpoint: Endpoint) -> Endpoint:
        return partial(_answer, endpoint, keep)

    return around


async def _answer(endpoint: Endpoint, keep: Keep, request: Request) -> Response:
    visit = await Visit.glance(request, "patient")
    if not is_signed_in(visit):
        await _put_down(visit, keep)
    return await endpoint(request)


async def _put_down(visit: Visit, keep: Keep) -> None:
    form = await visit.form()
    owner = _owner(visit, text(form, FIELD))
    if owner is None:
        return
    seal = seal_of(visit.house)
    async with transaction(visit.house.engine) as connection:
        kept = await drafts.find(connection, seal, [owner.patient], owner.acting, visit.now) or {}
        draft = keep(Draft.from_kept(kept, visit.say.language), form)
        await drafts.keep(connection, seal, owner.patient, owner.acting, draft.as_kept(), visit.now)


def _owner(visit: Visit, note: str) -> Owner | None:
    if not note or len(note) > _MOST:
        return None
    try:
        plain = seal_of(visit.house).open(urlsafe_b64decode(note), _CONTEXT)
    except ValueError:
        return None
    if plain is None:
        return None
    read: list[Any] = json.loads(plain)
    patient, acting, until = read
    return Owner(patient, acting) if datetime.fromisoformat(until) > visit.now else None


def keep_terms(draft: Draft, form: FormData) -> Draft:
    """Put down for whom and how long."""
    return draft.filled_in({name: text(form, name) for name in form})


def keep_choice(draft: Draft, form: FormData) -> Draft:
    """Put down what was ticked, or leave what was chosen before. Raises: Malformed("bad_request")."""
    return keep_ticks(draft, form) if ticked(form) else draft


def keep_ticks(draft: Draft, form: FormData) -> Draft:
    """Put down what is ticked, also when that is nothing. Raises: Malformed("bad_request")."""
    return draft.choosing(ticked(form))


def ticked(form: FormData) -> list[tuple[str, str]]:
    """Return the ticked studies, each with its hospital; nothing is believed yet. Raises: Malformed."""
    uids = [uid for uid in form.getlist("study") if isinstance(uid, str)]
    if not all(is_uid(uid) for uid in uids):
        raise Malformed("bad_request")
    return [(uid, text(form, f"hospital.{uid}")) for uid in dict.fromkeys(uids)]
