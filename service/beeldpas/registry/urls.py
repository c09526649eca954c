"""A BSN never stands in an address: addresses end up in logs, histories and proxies that nobody can clean.

*Source:* docs/wire.md §2; Wabb art. 10 and 12 (careful use of the number).
"""

import re
from urllib.parse import parse_qsl, unquote

from starlette.types import ASGIApp, Receive, Scope, Send

from beeldpas.domain.bsn import BSN, BSN_SYSTEM
from beeldpas.domain.errors import Malformed
from beeldpas.web.errors import outcome_response

# Digits within a UID stand between dots and are no BSN, whatever they add up to.
_LONE_NUMBER = re.compile(r"(?<![\d.])\d{8,9}(?![\d.])")
# An entry's id and a sealed page are random: eight digits of them in a row are nobody's number.
_ID = re.compile(r"(?<![0-9a-f-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f-])")
_NOT_LOOKED_AT = ("identifier", "_page")
_PERSONAL = ("patient", "subject")


def holds_bsn(path: str, query: str) -> bool:
    """Say whether an address names a person: by the system of the BSN, by such a parameter, or by a valid number."""
    plain = unquote(unquote(f"{path}?{query}"))
    if BSN_SYSTEM in plain:
        return True
    parameters = parse_qsl(query, keep_blank_values=True)
    if any(name.lower().startswith(_PERSONAL) for name, _ in parameters):
        return True
    shown = [unquote(path), *(value for name, value in parameters if name not in _NOT_LOOKED_AT)]
    return any(_is_bsn(number) for text in shown for number in _LONE_NUMBER.findall(_ID.sub("", text)))


def _is_bsn(number: str) -> bool:
    try:
        BSN.parse(number)
    except Malformed:
        return False
    return True


class NoBsnInUrl:
    """Refuses a request whose address holds a BSN, before anything looks at it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and holds_bsn(scope["path"], scope["query_string"].decode("latin-1")):
            await outcome_response(Malformed("bsn_in_url"))(scope, receive, send)
            return
        await self.app(scope, receive, send)
