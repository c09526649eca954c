"""The few pages that people see at a gateway: a download that did not begin, in plain words and two languages.

The gateway has no templates of its own; it must run without the portal's parts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from beeldpas.domain.errors import BeeldpasError
from beeldpas.web.errors import problem_response, status_of


@dataclass(frozen=True, slots=True)
class _Words:
    title: str
    why: str
    next: str


_OLD: Mapping[str, _Words] = {
    "nl": _Words(
        "Begin de download opnieuw", "Deze link werkte één keer, een minuut lang.", "Ga terug en kies Downloaden."
    ),
    "en": _Words(
        "Start the download again", "This link worked once, for one minute.", "Go back and choose Download."
    ),
}
_STOPPED: Mapping[str, _Words] = {
    "nl": _Words(
        "Deze toegang is gestopt", "De patiënt of de helpdesk heeft dit gedaan.", "Neem contact op met de patiënt."
    ),
    "en": _Words("This share was stopped", "The patient or the helpdesk did this.", "Contact the patient."),
}
_CHANGED: Mapping[str, _Words] = {
    "nl": _Words(
        "De beelden zijn veranderd",
        "{hospital} heeft iets uit deze download ingetrokken of verbeterd.",
        "Gooi weg wat u al had. Ga terug en kies Downloaden.",
    ),
    "en": _Words(
        "The images have changed",
        "{hospital} withdrew or corrected something in this download.",
        "Throw away what you have. Go back and choose Download.",
    ),
}
_BUSY: Mapping[str, _Words] = {
    "nl": _Words("Het is nu druk", "{hospital} verstuurt al veel beelden.", "Probeer het over een minuut opnieuw."),
    "en": _Words("It is busy now", "{hospital} is already sending many images.", "Try again in a minute."),
}
_DOWN: Mapping[str, _Words] = {
    "nl": _Words(
        "{hospital} kan nu niet leveren",
        "De verbinding met het ziekenhuis is weg.",
        "Probeer dit over 10 minuten opnieuw.",
    ),
    "en": _Words(
        "{hospital} cannot deliver now", "The connection with the hospital is gone.", "Try this again in 10 minutes."
    ),
}
_BY_REASON = {
    "download_link_old": _OLD,
    "invalid_token": _OLD,
    "not_found": _OLD,
    "download_changed": _CHANGED,
    "share_revoked": _STOPPED,
    "share_suspended": _STOPPED,
    "too_many_requests": _BUSY,
}
CSP = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


def error_answer(request: Request, error: BeeldpasError, hospital: str, phone: str) -> Response:
    """Answer a browser with a page, anything else with an RFC 9457 problem."""
    problem = problem_response(error)
    if "text/html" not in request.headers.get("accept", ""):
        return problem
    language = "en" if request.headers.get("accept-language", "nl").lower().startswith("en") else "nl"
    words = _BY_REASON.get(error.reason, _DOWN)[language]
    headers = {name: value for name, value in problem.headers.items() if name in {"retry-after", "www-authenticate"}}
    return HTMLResponse(_page(words, language, hospital, phone), status_of(error), headers)


def _page(words: _Words, language: str, hospital: str, phone: str) -> str:
    title, why, following = (escape(text.format(hospital=hospital)) for text in (words.title, words.why, words.next))
    call = "Lukt het niet? Bel" if language == "nl" else "Does it not work? Phone"
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width"></head>'
        f"<body><main><h1>{title}</h1><p>{why}</p><p><strong>{following}</strong></p>"
        f"<p>{call} {escape(hospital)}: {escape(phone)}.</p></main></body></html>\n"
    )
