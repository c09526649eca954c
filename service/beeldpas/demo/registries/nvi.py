"""The generic functions around one hospital: pseudonym service, referral index and address register.

They are three parties in the world and three doors here. The index recognises a person by the pseudonym that it has
of them, which is made from the number by a key of the pseudonym service; the portal never sees it, since the service
seals it for the index, anew for each question. *Source:* interface definitions of NVI and pseudonym service; mCSD.
"""

import hmac
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from beeldpas.demo.registries.entries import URA_SYSTEM, Resource
from beeldpas.demo.registries.house import House, body_of
from beeldpas.demo.registries.nvi_messages import CATEGORIES, endpoint, organisation, searchset
from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Malformed
from beeldpas.formats.fhir import text
from beeldpas.web.body import read_form

# Below the address of the program: the three parties.
INDEX, PSEUDONYMS, ADDRESSES = "/index", "/pseudonyms", "/mcsd"
RECIPIENT = "oin:00000099000000001000"
_SEALED = {"alg": "dir", "enc": "A256GCM"}
_NUMBER = "NL:bsn:"


@dataclass(frozen=True, slots=True)
class _Pseudonyms:
    """What the pseudonym service alone knows, and the key by which the index opens what is meant for it."""

    own: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    for_index: OctKey = field(default_factory=lambda: OctKey.generate_key(256), repr=False)

    def of(self, bsn: BSN) -> str:
        return hmac.digest(self.own, bsn.reveal().encode(), "sha256").hex()

    def sealed(self, bsn: BSN) -> str:
        return jwe.encrypt_compact(_SEALED, self.of(bsn), self.for_index)

    def opened(self, sealed: str) -> str:
        """Return the pseudonym in a sealed one. Raises: Malformed("pseudonym")."""
        try:
            return (jwe.decrypt_compact(sealed, self.for_index).plaintext or b"").decode()
        except (JoseError, ValueError) as error:
            raise Malformed("pseudonym") from error


def routes(house: House) -> list[Route]:
    """Return the doors of the three."""
    pseudonyms, at = _Pseudonyms(), house.holdings.hospital

    async def exchange(request: Request) -> Response:
        house.asked(request, house.base_url + PSEUDONYMS)
        asked = _read(await body_of(request))
        told = str(asked.get("personalId", ""))
        if not told.startswith(_NUMBER) or asked.get("recipientOrganization") != RECIPIENT:
            raise Malformed("invalid_parameter", {"where": "personalId and recipientOrganization"})
        sealed = pseudonyms.sealed(BSN.parse(told.removeprefix(_NUMBER)))
        return Response(sealed, 201, media_type="Multipart/Encrypted")

    async def localize(request: Request) -> Response:
        house.asked(request, house.base_url + INDEX)
        asked = _read(await body_of(request))
        told = {
            str(one["name"]): one for one in asked.get("parameter", ()) if isinstance(one, dict) and "name" in one
        }
        wanted = pseudonyms.opened(str(told.get("pseudonym", {}).get("valueString", "")))
        if told.get("careContext", {}).get("valueCoding") != {"system": CATEGORIES, "code": "Imaging"}:
            raise Malformed("invalid_parameter", {"where": "careContext"})
        is_theirs = any(pseudonyms.of(one.bsn) == wanted for one in await house.holdings.studies())
        return _answer(house.base_url + INDEX, [organisation(at, 0, is_addressed=False)] if is_theirs else [])

    async def addresses(request: Request) -> Response:
        house.asked(request, house.base_url + ADDRESSES)
        asked = await read_form(request)
        wanted = {one for some in asked.get("identifier", ()) for one in some.split(",")}
        is_wanted = f"{URA_SYSTEM}|{at.ura}" in wanted
        found = [organisation(at, 0, is_addressed=True), endpoint(0, f"{at.base_url}/fhir")] if is_wanted else []
        return _answer(house.base_url + ADDRESSES, found)

    return [
        Route(f"{PSEUDONYMS}/exchange/pseudonym", exchange, methods=["POST"]),
        Route(f"{INDEX}/Organization/$localize", localize, methods=["POST"]),
        Route(f"{ADDRESSES}/Organization/_search", addresses, methods=["POST"]),
    ]


def _read(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed("json") from error
    if not isinstance(told, dict):
        raise Malformed("json")
    return told


def _answer(base: str, found: list[Resource]) -> Response:
    return Response(text.render(searchset(base, found)), media_type=text.MEDIA_TYPE)
