"""How fast the portal lets people guess codes and begin to sign in, and that a hospital is many people.

A hospital is one address. So an address has room for hundreds of people at once, and a care provider who signed in
is counted alone: a guesser next door, or all guessers of the world together, do not keep them waiting.
"""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from beeldpas.domain.errors import Refused
from beeldpas.portal.house import House
from beeldpas.portal.pages.states import error_answer
from beeldpas.web.errors import status_of
from beeldpas.web.limits import site_of

_SIGN_INS = dict.fromkeys(("/sign-in", "/provider/sign-in", "/helpdesk/sign-in", "/helpdesk/step-up"), "sign-in")
# Each answer that is refused writes a row in the log, and anybody can make one up.
_ANSWERS = dict.fromkeys(("/callback/digid", "/callback/zorg", "/callback/staff"), "sign-in answered")
_COUNTED = _SIGN_INS | _ANSWERS


async def count_code(house: House, signed_in: Mapping[str, str] | None, address: str) -> None:
    """Count one try at a share code. Raises: Refused("too_many_requests")."""
    allowed = house.settings.limits
    if signed_in is not None:
        await house.limits.spend("code of a person", allowed.code_tries_signed_in, signed_in["uzi_id"])
        return
    await house.limits.spend("code of an address", allowed.code_tries, site_of(address))
    await house.limits.spend("code of all", allowed.code_tries_of_all, "")


class PacedSignIns:
    """Counts the sign-ins that an address begins, and the answers it brings; who brings too many has to wait."""

    def __init__(self, app: ASGIApp, house: House) -> None:
        self.app = app
        self._house = house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (what := _COUNTED.get(scope["path"])):
            address = site_of(scope["client"][0] if scope.get("client") else "")
            try:
                await self._house.limits.spend(what, self._house.settings.limits.sign_ins, address)
            except Refused as refusal:
                await error_answer(Request(scope), refusal, status_of(refusal))(scope, receive, send)
                return
        await self.app(scope, receive, send)
