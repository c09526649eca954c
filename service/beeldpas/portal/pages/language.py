"""The language of a page is part of its address: `/timeline` is Dutch, `/en/timeline` is English.

No cookie, no guess: a link says what you get, and a letter in English can point to an English page.
"""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from beeldpas.portal.words.catalogue import DEFAULT_LANGUAGE, LANGUAGES

_PREFIXES = {f"/{language}": language for language in LANGUAGES if language != DEFAULT_LANGUAGE}


class LanguagePrefix:
    """Takes the language off the path, so that routes know one address per page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            prefix = "/" + scope["path"].split("/", 2)[1] if scope["path"].startswith("/") else ""
            if prefix in _PREFIXES:
                rest = scope["path"].removeprefix(prefix) or "/"
                raw = scope.get("raw_path", b"").removeprefix(prefix.encode()) or b"/"
                scope = {**scope, "path": rest, "raw_path": raw, "beeldpas.language": _PREFIXES[prefix]}
        await self.app(scope, receive, send)


def language_of(request: Request) -> str:
    """Return the language in which this request wants its answer."""
    language: str = request.scope.get("beeldpas.language", DEFAULT_LANGUAGE)
    return language


def speak(request: Request, language: str) -> None:
    """Answer this request in a language that its address does not tell: a provider knows one callback only."""
    request.scope["beeldpas.language"] = language if language in LANGUAGES else DEFAULT_LANGUAGE


def address(language: str, path: str) -> str:
    """Return the address of a page in a language."""
    return path if language == DEFAULT_LANGUAGE else f"/{language}{path}"
