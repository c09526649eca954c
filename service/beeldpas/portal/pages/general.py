"""Pages that belong to no door: help, privacy, what IT departments need."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from beeldpas.portal.pages.states import door_of
from beeldpas.portal.pages.visit import Visit
from beeldpas.web import security_txt


async def help_page(request: Request) -> Response:
    """Answer what people ask."""
    return await _page(request, "help.html", "help.title")


async def privacy(request: Request) -> Response:
    """Say what is kept, where and how long."""
    return await _page(request, "privacy.html", "privacy.title")


async def ict(request: Request) -> Response:
    """Say what a hospital's IT department has to allow."""
    return await _page(request, "ict.html", "ict.title")


async def accessibility(request: Request) -> Response:
    """Say how far everybody can use this, what falls short, and where to tell that something does not work."""
    return await _page(request, "accessibility.html", "accessibility.title")


async def security(request: Request) -> Response:
    """Say whom to tell of a weakness. Raises: NotFound where nobody was named."""
    settings = request.app.state.house.settings
    return security_txt.answer(settings.security, settings.base_url)


def routes() -> list[BaseRoute]:
    """Return the routes of these pages."""
    return [
        Route("/help", help_page, methods=["GET"]),
        Route("/privacy", privacy, methods=["GET"]),
        Route("/accessibility", accessibility, methods=["GET"]),
        Route(security_txt.PATH, security, methods=["GET"]),
        Route("/ict", ict, methods=["GET"]),
    ]


async def _page(request: Request, template: str, title: str) -> Response:
    visit = Visit(request, door_of(request.scope["path"]), None)
    return visit.page(template, visit.say.t(title), hospitals=visit.house.directory.hospitals)
