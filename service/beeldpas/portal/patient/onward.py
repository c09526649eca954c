"""Where a patient goes after signing in: on to the link of a mail, to what was paused, or to the share they began."""

import re
from collections.abc import Mapping
from typing import Any

from starlette.responses import RedirectResponse, Response

from beeldpas.portal.notify.links import Purpose
from beeldpas.portal.pages.language import address
from beeldpas.portal.pages.visit import Visit
from beeldpas.portal.patient.draft import RESTORED
from beeldpas.portal.patient.preferences import preferences_of
from beeldpas.portal.patient.returning import ALL_PAUSED
from beeldpas.portal.words.catalogue import DEFAULT_LANGUAGE

_COOKIE = "__Host-onward"
_LASTS_SECONDS = 900
_KEPT = re.compile(r"(confirm|extend)~([A-Za-z0-9_.~-]{1,200})")
_START, _UNFINISHED, _SHARES = "/timeline", "/share/terms", "/shares"


def remember(response: Response, purpose: Purpose, token: str) -> None:
    """Keep the link while its reader signs in."""
    kept = f"{purpose}~{token}"
    if _KEPT.fullmatch(kept):
        response.set_cookie(
            _COOKIE, kept, max_age=_LASTS_SECONDS, path="/", secure=True, httponly=True, samesite="lax"
        )


def forward(visit: Visit, values: Mapping[str, Any]) -> Response:
    """Send somebody who signed in (`values`: their session) to where they wanted to go, once.

    Who came in by the usual pages goes on in the language that they set; another language was chosen just now.
    """
    kept = _KEPT.fullmatch(visit.request.cookies.get(_COOKIE, ""))
    if kept is None:
        asked = visit.say.catalogue
        language = preferences_of(values).language if asked == DEFAULT_LANGUAGE else asked
        return RedirectResponse(address(language, _first_page(values)), 303)
    response = visit.go(f"/mail/{kept[1]}?t={kept[2]}")
    response.delete_cookie(_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return response


def _first_page(values: Mapping[str, Any]) -> str:
    """Return where to begin: who asked for everything to be paused decides about that first."""
    if ALL_PAUSED in values:
        return _SHARES
    return _UNFINISHED if RESTORED in values else _START
