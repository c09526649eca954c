"""Where a patient goes after signing in, when the link of a mail brought them: on to that link, and only there."""

import re

from starlette.responses import Response

from beeldpas.portal.notify.links import Purpose
from beeldpas.portal.pages.visit import Visit

_COOKIE = "__Host-onward"
_LASTS_SECONDS = 900
_KEPT = re.compile(r"(confirm|extend)~([A-Za-z0-9_.~-]{1,200})")
_START = "/timeline"


def remember(response: Response, purpose: Purpose, token: str) -> None:
    """Keep the link while its reader signs in."""
    kept = f"{purpose}~{token}"
    if _KEPT.fullmatch(kept):
        response.set_cookie(
            _COOKIE, kept, max_age=_LASTS_SECONDS, path="/", secure=True, httponly=True, samesite="lax"
        )


def forward(visit: Visit) -> Response:
    """Send somebody who signed in to where they wanted to go, once."""
    kept = _KEPT.fullmatch(visit.request.cookies.get(_COOKIE, ""))
    if kept is None:
        return visit.go(_START)
    response = visit.go(f"/mail/{kept[1]}?t={kept[2]}")
    response.delete_cookie(_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return response
