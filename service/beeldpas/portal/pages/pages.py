"""Rendering: templates that escape everything, one voice per language, facts about the service on every page."""

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from beeldpas.assets import asset
from beeldpas.portal.pages.assets import Assets
from beeldpas.portal.pages.language import address, language_of
from beeldpas.portal.settings import PortalSettings
from beeldpas.portal.words.catalogue import LANGUAGES, load_translators
from beeldpas.portal.words.pseudo import load_pseudo_translators
from beeldpas.portal.words.service_facts import ServiceFacts
from beeldpas.portal.words.voice import Voice

# Of a request by somebody who stands in for a patient: a function that says for whom, in a voice.
STANDING_IN = "beeldpas.standing_in"
# How large the visitor wants the letters.
TEXT_SIZE = "beeldpas.text_size"


class Pages:
    """All templates of the portal and what they speak with."""

    def __init__(self, settings: PortalSettings) -> None:
        self.assets = Assets.load(asset("frontend/dist"))
        self.voices: Mapping[str, Voice] = _voices(settings)
        self.site = settings.site
        self._service = settings.service
        self._environment = Environment(
            loader=FileSystemLoader(asset("frontend/templates")),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals |= {
            "asset": self.assets.url,
            "site": settings.site,
            "base_url": settings.base_url,
            "has_mail": settings.mail is not None,
            "has_security_contact": settings.security is not None,
            "is_demo": settings.environment == "demo",
        }

    def voice(self, request: Request) -> Voice:
        """Return the voice for the language of this request."""
        return self.voices[language_of(request)]

    def text(self, template: str, voice: Voice, context: Mapping[str, Any]) -> str:
        """Render a template in a language."""
        return self._environment.get_template(template).render(
            say=voice,
            t=voice.t,
            path=lambda page: address(voice.catalogue, page),
            service=ServiceFacts.of(self._service, voice.language),
            **context,
        )

    def response(
        self, request: Request, template: str, context: Mapping[str, Any], status: int = 200
    ) -> HTMLResponse:
        """Render the answer to a request."""
        path = request.scope["path"]
        here = "/" if path.startswith("/callback/") else path
        others = [language for language in LANGUAGES if language != language_of(request)]
        switch = [(language, address(language, here)) for language in others]
        say, told = self.voice(request), request.scope.get(STANDING_IN)
        always = {
            "language_switch": switch,
            "staying": None,
            "standing_in": told(say) if told else None,
            "text_size": request.scope.get(TEXT_SIZE, "normal"),
        }
        text = self.text(template, say, {**always, **context})
        return HTMLResponse(text, status)


def _voices(settings: PortalSettings) -> Mapping[str, Voice]:
    """Return a voice for each language; the demo also speaks two that nobody reads, to see what pages bear."""
    texts = asset("frontend/locales")
    made_up = load_pseudo_translators(texts) if settings.environment == "demo" else {}
    return {name: Voice(translator) for name, translator in {**load_translators(texts), **made_up}.items()}
