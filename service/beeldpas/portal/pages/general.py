"""Pages that belong to no door: help, privacy, what IT departments need."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from beeldpas.portal.pages.visit import Visit


async def help_page(request: Request) -> Response:
    """Answer what people ask."""
    return await _page(request, "help")


async def privacy(request: Request) -> Response:
    """Say what is kept, where and how long."""
    return await _page(request, "privacy")


async def ict(request: Request) -> Response:
    """Say what a hospital's IT department has to allow."""
    return await _page(request, "ict")


def routes() -> list[BaseRoute]:
    """Return the routes of these pages."""
    return [
        Route("/help", help_page, methods=["GET"]),
        Route("/privacy", privacy, methods=["GET"]),
        Route("/ict", ict, methods=["GET"]),
    ]


async def _page(request: Request, name: str) -> Response:
    visit = Visit(request, "provider" if name == "ict" else "patient", None)
    title = visit.say.t(f"{name}.title")
    return visit.page(f"{name}.html", title, hospitals=visit.house.directory.hospitals)
