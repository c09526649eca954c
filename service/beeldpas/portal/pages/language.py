"""The language of a page is part of its address: `/timeline` is Dutch, `/en/timeline` is English.

No cookie, no guess: a link says what you get, and a letter in English can point to an English page.
What stands in the address is the name of a catalogue; the demo has two more of those than there are languages.
"""

from collections.abc import Collection

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from beeldpas.portal.words.catalogue import DEFAULT_LANGUAGE


class LanguagePrefix:
    """Takes the language off the path, so that routes know one address per page."""

    def __init__(self, app: ASGIApp, catalogues: Collection[str]) -> None:
        self.app = app
        self._prefixes = {f"/{name}": name for name in catalogues if name != DEFAULT_LANGUAGE}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            prefix = "/" + scope["path"].split("/", 2)[1] if scope["path"].startswith("/") else ""
            if prefix in self._prefixes:
                rest = scope["path"].removeprefix(prefix) or "/"
                raw = scope.get("raw_path", b"").removeprefix(prefix.encode()) or b"/"
                scope = {**scope, "path": rest, "raw_path": raw, "beeldpas.language": self._prefixes[prefix]}
        await self.app(scope, receive, send)


def language_of(request: Request) -> str:
    """Return the catalogue in which this request wants its answer."""
    language: str = request.scope.get("beeldpas.language", DEFAULT_LANGUAGE)
    return language


def speak(request: Request, language: str) -> None:
    """Answer this request in a language that its address does not tell: a provider knows one callback only."""
    known: Collection[str] = request.app.state.pages.voices
    request.scope["beeldpas.language"] = language if language in known else DEFAULT_LANGUAGE


def address(language: str, path: str) -> str:
    """Return the address of a page in a language, or in a catalogue (`say.catalogue`)."""
    return path if language == DEFAULT_LANGUAGE else f"/{language}{path}"
