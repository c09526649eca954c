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
_HELD: Mapping[str, _Words] = {
    "nl": _Words(
        "Deze toegang staat stil",
        "De helpdesk houdt deze toegang even tegen.",
        "Bel de helpdesk van de website met de link. Gaat de toegang weer open, dan gaat deze download verder.",
    ),
    "en": _Words(
        "This share is on hold",
        "The helpdesk is holding this share for now.",
        "Phone the helpdesk of the website with the link. Once the share is open again, this download goes on.",
    ),
}
_ENDED: Mapping[str, _Words] = {
    "nl": _Words(
        "Deze toegang is afgelopen", "De tijd van deze toegang is om.", "Vraag de patiënt om een nieuwe toegang."
    ),
    "en": _Words("This share has ended", "The time of this share is over.", "Ask the patient for a new share."),
}
_TWICE: Mapping[str, _Words] = {
    "nl": _Words(
        "Er lopen al genoeg downloads",
        "Van deze toegang kunnen er twee tegelijk lopen, elk met acht verbindingen.",
        "Wacht tot er een klaar is. Hebt u er een afgebroken, probeer het dan over een minuut opnieuw.",
    ),
    "en": _Words(
        "Enough downloads are running",
        "Two downloads of this share can run at the same time, each with eight connections.",
        "Wait until one is ready. If you stopped one, try again in a minute.",
    ),
}
_USED_UP: Mapping[str, _Words] = {
    "nl": _Words(
        "Deze download is al vaak opgehaald",
        "Via deze download is al veel meer verstuurd dan het bestand groot is.",
        "Ga terug en kies Downloaden om opnieuw te beginnen.",
    ),
    "en": _Words(
        "This download was fetched many times",
        "Much more was sent for this download than the file is large.",
        "Go back and choose Download to start anew.",
    ),
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
_FETCHING: Mapping[str, _Words] = {
    "nl": _Words(
        "De beelden worden opgehaald",
        "{hospital} haalt ze uit het eigen archief{how_far}.",
        "Laat deze pagina open. De download begint vanzelf.",
    ),
    "en": _Words(
        "The images are being fetched",
        "{hospital} takes them from its own archive{how_far}.",
        "Leave this page open. The download begins by itself.",
    ),
}
_NOT_FETCHED: Mapping[str, _Words] = {
    "nl": _Words(
        "De beelden zijn niet opgehaald",
        "Het archief van {hospital} gaf ze niet.",
        "Probeer het over een kwartier opnieuw.",
    ),
    "en": _Words(
        "The images were not fetched", "The archive of {hospital} did not give them.", "Try again in 15 minutes."
    ),
}
_FORBIDDEN: Mapping[str, _Words] = {
    "nl": _Words(
        "{hospital} geeft deze beelden niet",
        "Dat is een eigen regel van dit ziekenhuis. Het ligt niet aan u of aan de code.",
        "Bel het ziekenhuis en vraag hoe u de beelden wel kunt krijgen.",
    ),
    "en": _Words(
        "{hospital} does not give these images",
        "This is a rule of the hospital itself. It is not you, and not the code.",
        "Phone the hospital and ask how you can get the images.",
    ),
}
_NO_REPORT: Mapping[str, _Words] = {
    "nl": _Words(
        "Wij kunnen dit verslag niet vinden",
        "{hospital} laat het hier niet zien, of het bestaat niet meer.",
        "Vraag uw arts naar het verslag.",
    ),
    "en": _Words(
        "We cannot find this report",
        "{hospital} does not show it here, or it is gone.",
        "Ask your doctor about the report.",
    ),
}
_HOW_FAR = {"nl": ": {n} van {m} zijn er", "en": ": {n} of {m} are here"}
_REFRESH_SECONDS = 5
_BY_REASON = {
    "still_fetching": _FETCHING,
    "fetch_failed": _NOT_FETCHED,
    "download_link_old": _OLD,
    "invalid_token": _OLD,
    "not_found": _OLD,
    "download_changed": _CHANGED,
    "hospital_forbids": _FORBIDDEN,
    "share_revoked": _STOPPED,
    "share_suspended": _HELD,
    "share_expired": _ENDED,
    "too_many_requests": _TWICE,
    "download_used_up": _USED_UP,
    "hospital_busy": _BUSY,
    "report_not_here": _NO_REPORT,
}
CSP = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


def error_answer(request: Request, error: BeeldpasError, hospital: str, phone: str) -> Response:
    """Answer a browser with a page, anything else with an RFC 9457 problem."""
    problem = problem_response(error)
    if "text/html" not in request.headers.get("accept", ""):
        return problem
    language = "en" if request.headers.get("accept-language", "nl").lower().startswith("en") else "nl"
    words = _BY_REASON.get(error.reason, _DOWN)[language]
    how_far = _HOW_FAR[language].format(**error.detail) if error.detail.get("m") else ""
    headers = {name: value for name, value in problem.headers.items() if name in {"retry-after", "www-authenticate"}}
    if error.reason == "still_fetching":
        headers["refresh"] = str(_REFRESH_SECONDS)
    return HTMLResponse(_page(words, language, hospital, phone, how_far), status_of(error), headers)


def _page(words: _Words, language: str, hospital: str, phone: str, how_far: str) -> str:
    filled = (text.format(hospital=hospital, how_far=how_far) for text in (words.title, words.why, words.next))
    title, why, following = (escape(text) for text in filled)
    call = "Lukt het niet? Bel" if language == "nl" else "Does it not work? Phone"
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width"></head>'
        f"<body><main><h1>{title}</h1><p>{why}</p><p><strong>{following}</strong></p>"
        f"<p>{call} {escape(hospital)}: {escape(phone)}.</p></main></body></html>\n"
    )
