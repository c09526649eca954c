"""Staying signed in: until when a visit lasts, a warning two minutes before its end, and one button to stay.

With scripts the warning is a dialog on the page. Without them a small frame on each page says until when, refreshes
itself at the right moment and holds the button, so that what was typed around it stays. Neither counts as activity:
only a person who does something keeps a visit alive. *Source:* WCAG 2.2 §2.2.1; DigiD's rule of 15 idle minutes.
"""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from beeldpas.portal.pages.states import Door, state_page
from beeldpas.portal.pages.time_left import PREFIXES, TimeLeft
from beeldpas.portal.pages.visit import Visit

_STARTS: dict[Door, str] = {"patient": "/", "provider": "/s", "helpdesk": "/helpdesk"}
_FRAME = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; font-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'self'",
    "X-Frame-Options": "SAMEORIGIN",
}


def routes(door: Door) -> list[BaseRoute]:
    """Return the addresses of one door."""
    prefix = PREFIXES[door]
    return [
        Route(f"{prefix}/session/clock", _at(door, _clock), methods=["GET"]),
        Route(f"{prefix}/session/left", _at(door, _left), methods=["GET"]),
        Route(f"{prefix}/session/stay", _at(door, _stay), methods=["POST"]),
        Route(f"{prefix}/session/ended", _at(door, _ended), methods=["GET"]),
    ]


def _at(door: Door, page: Callable[[Request, Door], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await page(request, door)

    return endpoint


async def _clock(request: Request, door: Door) -> Response:
    """Say in the frame until when the visit lasts; it refreshes itself when there is something new to say."""
    visit = await Visit.glance(request, door)
    left = TimeLeft.of(visit.session, visit.now) if visit.session else None
    response = visit.page("session_clock.html", visit.say.t("session.clock"), left=left)
    response.headers.update(_FRAME)
    return response


async def _left(request: Request, door: Door) -> Response:
    """Tell a script how many seconds are left."""
    visit = await Visit.glance(request, door)
    if visit.session is None:
        return JSONResponse({"seconds": 0, "can_stay": False})
    left = TimeLeft.of(visit.session, visit.now)
    return JSONResponse({"seconds": left.seconds, "can_stay": left.can_stay})


async def _stay(request: Request, door: Door) -> Response:
    """Stay: somebody pressed the button."""
    visit = await Visit.of(request, door)
    return visit.go(f"{PREFIXES[door]}/session/clock")


async def _ended(request: Request, door: Door) -> Response:
    """Say that the visit is over, and why; nothing of it is left in the browser."""
    visit = await Visit.glance(request, door)
    if visit.session is not None:
        return visit.go(_STARTS[door])
    response = state_page(request, "session_max" if "max" in request.query_params else "session_ended", {}, 200)
    visit.sessions.clear_cookie(response)
    return response
