"""The page for everything that can stop somebody: the reason becomes a title, one why, one next step, one way on.

The texts stand in the catalogues under `state.*`; a reason without its own text gets a general one by its kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response

from beeldpas.domain.errors import BeeldpasError, Conflict, Malformed, NotFound, Refused, Unavailable
from beeldpas.portal.pages.pages import Pages
from beeldpas.portal.words.catalogue import Translator
from beeldpas.portal.words.voice import Voice
from beeldpas.web.errors import oauth_response, problem_response

Door = Literal["patient", "provider", "helpdesk"]
_FEW_ATTEMPTS = 3
_RETRY_SECONDS = 5
_GENERAL = (
    (NotFound, "not_found"),
    (Unavailable, "service_down"),
    (Conflict, "two_tabs"),
    (Malformed, "bad_request"),
    (Refused, "not_allowed"),
)
# Where somebody goes on from, by the first part of the path; the door's own start otherwise.
_DOORS: Mapping[str, Door] = {"s": "provider", "provider": "provider", "ict": "provider", "helpdesk": "helpdesk"}
_CALLBACKS: Mapping[str, Door] = {"zorg": "provider", "staff": "helpdesk"}
_STARTS = {
    "patient": ("/", "way.start"),
    "provider": ("/s", "way.type_code"),
    "helpdesk": ("/helpdesk", "way.start"),
}
_SIGN_INS = {
    "patient": ("/sign-in", "way.sign_in_again"),
    "provider": ("/provider/sign-in", "way.care_login"),
    "helpdesk": ("/helpdesk/sign-in", "way.sign_in_again"),
}
_SIGN_IN_STATES = (
    "login_",
    "work_login_",
    "session_",
    "work_session_",
    "rep_",
    "provider_login_required",
    "provider_card_",
)
_OAUTH_PATHS = ("/token",)
_MACHINE_PATHS = ("/uses", "/status/", "/jwks.json", "/.well-known/", "/viewer-token", "/metrics", "/health/")


@dataclass(frozen=True, slots=True)
class StateText:
    """What happened, why, and what to do next."""

    title: str
    why: str
    next: str


def state_text(t: Translator, key: str, values: Mapping[str, object]) -> StateText:
    """Return the texts of a state with its facts filled in. Raises: LookupError for an unknown key."""
    return StateText(*(t(f"state.{key}.{part}", **{"n": "", **values}) for part in ("title", "why", "next")))


def state_key(t: Translator, error: BeeldpasError) -> str:
    """Return the state that an error leads to."""
    reason = error.reason
    if reason == "pin_wrong" and int(error.detail.get("n", 0)) <= _FEW_ATTEMPTS:
        reason = "pin_wrong_few"
    if paused := error.detail.get("paused"):
        reason = f"{reason}_by_{paused}"
    if t.knows(f"state.{reason}.title"):
        return reason
    return next((key for kind, key in _GENERAL if isinstance(error, kind)), "server_error")


def error_answer(request: Request, error: BeeldpasError, status: int) -> Response:
    """Answer a refusal at whichever door it happened: a page for people, a machine's error for machines."""
    path = request.scope["path"]
    if path.startswith(_OAUTH_PATHS):
        return oauth_response(error)
    if path.startswith(_MACHINE_PATHS):
        return problem_response(error)
    pages: Pages = request.app.state.pages
    key = state_key(pages.voice(request).t, error)
    answer = state_page(request, key, error.detail, status)
    if status == 429 or (isinstance(error, Unavailable) and error.retryable):
        answer.headers["Retry-After"] = str(error.detail.get("n", _RETRY_SECONDS))
    return answer


def state_page(
    request: Request, key: str, values: Mapping[str, Any], status: int, door: Door | None = None
) -> Response:
    """Render the page of a state."""
    pages: Pages = request.app.state.pages
    t = pages.voice(request).t
    at = door or door_of(request.scope["path"])
    at_work = f"work_{key}"
    key = at_work if at != "patient" and key.startswith("session_") and t.knows(f"state.{at_work}.title") else key
    known = {"site": pages.site, "hospital": "", **_readable(pages.voice(request), values)}
    state = state_text(t, key, known)
    context = {"door": at, "state": state, "way_on": way_on(t, key, at), "who": _visitor(request, key, at)}
    return pages.response(request, "state.html", {**context, "title": state.title}, status)


def _visitor(request: Request, key: str, door: Door) -> str | None:
    """Keep the way out on the page of somebody who may be signed in (their session is not looked at for this)."""
    over = key.startswith(_SIGN_IN_STATES) or key == "signed_out"
    return None if over or request.app.state.sessions[door].cookie not in request.cookies else ""


def _readable(say: Voice, values: Mapping[str, Any]) -> dict[str, Any]:
    """Say the day in a refusal's `date`, which is the moment (ISO 8601) at which something ended."""
    moment = values.get("date")
    return {**values, "date": say.last_day(datetime.fromisoformat(moment))} if moment else {**values, "date": ""}


def way_on(t: Translator, key: str, door: Door) -> tuple[str, str]:
    """Return the address and the words of the one thing to do next."""
    to_sign_in = key.startswith(_SIGN_IN_STATES)
    path, words = (_SIGN_INS if to_sign_in else _STARTS)[door]
    return path, t(words)


def door_of(path: str) -> Door:
    """Say at whose door a path stands."""
    first, _, rest = path.strip("/").partition("/")
    if first == "callback":
        return _CALLBACKS.get(rest, "patient")
    return _DOORS.get(first, "patient")
