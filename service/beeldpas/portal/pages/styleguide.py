"""The styleguide: every component with its states on one page, for whoever makes pages; only the demo has it."""

from typing import TypeVar, get_args

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from beeldpas.portal.pages.states import Door, StateText
from beeldpas.portal.pages.visit import Visit

_Choice = TypeVar("_Choice", bound=str)
_SIZES = ("normal", "large", "larger")
_MISTAKE = StateText("Fill in your e-mail address", "Then we know where to write.", "For example: name@example.com.")


async def styleguide(request: Request) -> Response:
    """Show the components, in letters and at the door that the address asks for. Raises: HTTPException."""
    visit = Visit(request, _asked(request, "door", get_args(Door)), None)
    if visit.house.settings.environment != "demo":
        raise HTTPException(404)
    size = _asked(request, "text", _SIZES)
    return visit.page("styleguide.html", "Styleguide", text_size=size, mistakes={"wrong-field": _MISTAKE})


def routes() -> list[BaseRoute]:
    """Return the routes of the styleguide."""
    return [Route("/styleguide", styleguide, methods=["GET"])]


def _asked(request: Request, name: str, offered: tuple[_Choice, ...]) -> _Choice:
    """Return what the query asks for, or the first of what is offered."""
    asked = request.query_params.get(name)
    return next((one for one in offered if one == asked), offered[0])
