"""The two halves of a sign-in, the same at every door: off to the provider, and back with an answer.

What a sign-in must remember lives in the session before it, under the `state` of the request, for one use. The
session that follows has a new id. *Source:* OpenID Connect Core §3.1.2; OWASP Session Management (fixation).
"""

import re
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from beeldpas.domain.errors import BeeldpasError, Refused, Unavailable
from beeldpas.portal.identity.relying_party import Begun, Evidence, RelyingParty
from beeldpas.portal.pages.language import speak
from beeldpas.portal.pages.states import Door, state_page
from beeldpas.portal.pages.visit import Visit

log = structlog.get_logger()
_PENDING = "signing_in"
_AT_ONCE = 3
DOORS: tuple[Door, ...] = ("patient", "provider", "helpdesk")
_OWN_PATH = re.compile(r"/(?:[A-Za-z0-9_.~-][A-Za-z0-9_.~/-]*)?(?:\?[A-Za-z0-9_.~/=&%-]*)?")
_LONGEST_PATH = 300


def relying_party(visit: Visit) -> RelyingParty:
    """Return the provider that this door signs people in with."""
    party: RelyingParty = visit.request.app.state.relying_parties[visit.door]
    return party


async def send_off(visit: Visit, *, max_age: int | None = None, back_to: str = "") -> Response:
    """Send the browser to the provider.

    `max_age` (seconds) asks that the person shows anew who they are unless they did so that recently (step-up);
    `welcome_back` refuses an answer that does not tell, or tells of longer ago. `back_to` is the page of this portal
    to go on to afterwards, see `way_back`; what is no path of our own is forgotten. Raises: Unavailable.
    """
    begun = await relying_party(visit).begin(visit.say.language, max_age)
    pending = dict(list(_pending(visit).items())[1 - _AT_ONCE :]) if _pending(visit) else {}
    pending[begun.state] = {
        "nonce": begun.nonce,
        "verifier": begun.verifier,
        "language": visit.say.catalogue,
        "max_age": max_age,
        "back_to": own_path(back_to),
    }
    response = RedirectResponse(begun.url, 303)
    if visit.session is None:
        visit.session = await visit.sessions.begin({_PENDING: pending}, visit.now)
        visit.sessions.set_cookie(response, visit.session)
    else:
        await visit.keep(**{_PENDING: pending})
    return response


async def welcome_back(visit: Visit) -> Evidence:
    """Return what the provider says of the person; from here on the visit has the language that it began in.

    The `state` is spent before anything else is looked at, whatever the answer turns out to be.
    Raises: Refused, Unavailable.
    """
    answer = dict(visit.request.query_params.multi_items())
    if len(answer) != len(visit.request.query_params.multi_items()):
        raise Refused("login_identity_problem", {"where": "answer"})
    pending = _pending(visit)
    remembered = pending.pop(answer.get("state", ""), None)
    if visit.session is None or remembered is None:
        raise Refused("login_replayed" if visit.had_cookie else "login_no_cookies")
    await visit.keep(**{_PENDING: pending})
    speak(visit.request, remembered["language"])
    visit.request.state.way_back = remembered["back_to"]
    begun = Begun("", answer["state"], remembered["nonce"], remembered["verifier"], remembered["max_age"])
    return await relying_party(visit).finish(answer, begun)


def way_back(visit: Visit, otherwise: str) -> str:
    """Return the page that this sign-in was begun on (`send_off(back_to=…)`), once `welcome_back` was there."""
    remembered: str = getattr(visit.request.state, "way_back", "")
    return remembered or otherwise


async def sign_out_there(visit: Visit, otherwise: str) -> Response:
    """Send somebody whose session here is over on to sign out at the provider, where it offers that and answers.

    It sends them back to `/signed-out`, where `state` says from which door and in which language they left.
    *Source:* RP-Initiated Logout 1.0.
    """
    away = await relying_party(visit).way_out(visit.say.language, f"{visit.door}.{visit.say.catalogue}")
    return RedirectResponse(away, 303) if away else visit.go(otherwise)


def signed_out_page(request: Request) -> Response:
    """Say that nothing is open any more, at the door and in the language by which somebody left."""
    left_by, _, language = request.query_params.get("state", "").partition(".")
    if language:
        speak(request, language)
    door = next((one for one in DOORS if one == left_by), None)
    return state_page(request, "signed_out", {}, 200, door)


def own_path(path: str) -> str:
    """Return a path of this portal, "" for anything else: no other host is ever led to.

    *Source:* CWE-601; WHATWG URL §4.4 (`//host` and `/\\host` are other hosts).
    """
    return path if len(path) <= _LONGEST_PATH and _OWN_PATH.fullmatch(path) else ""


def reason_of(error: BeeldpasError, door: str) -> str:
    """Log a failed sign-in and return the state it leads to: patients read about DigiD, people at work do not."""
    log.warning("sign_in_refused", door=door, reason=error.reason, where=error.detail.get("where", ""))
    reason = "login_outage" if isinstance(error, Unavailable) else error.reason
    at_work = {
        "login_cancelled": "work_login_cancelled",
        "login_outage": "work_login_outage",
        "login_identity_problem": "work_login_problem",
        "login_level_too_low": "work_login_level_too_low",
    }
    return reason if door == "patient" else at_work.get(reason, reason)


def _pending(visit: Visit) -> dict[str, Any]:
    return dict(visit.session.values.get(_PENDING, {})) if visit.session else {}
