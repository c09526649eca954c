"""A Document Registry and its Repository of XDS.b before one hospital: FindDocuments (ITI-18) and Retrieve (ITI-43).

*Source:* IHE ITI TF-2 §3.18, §3.43; IHE RAD XDS-I.b.
"""

import re
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from beeldpas.demo.registries import xds_messages as messages
from beeldpas.demo.registries.house import House, body_of
from beeldpas.demo.registries.kos import XDS_I, kos_file
from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Malformed, NotFound
from beeldpas.formats.sound_xml import Element, parse, text

REGISTRY, REPOSITORY = "/registry", "/repository"  # below the address of the program
_PATIENT: Final = re.compile(r"'([0-9]{9})\^\^\^&2\.16\.840\.1\.113883\.2\.4\.6\.3&ISO'")
_NAME: Final = re.compile(r"2\.25\.7(\d{1,20})", re.ASCII)


def routes(house: House) -> list[Route]:
    """Return the doors of this registry; a question for it is one for its repository too."""
    audience = house.base_url + REGISTRY

    async def query(request: Request) -> Response:
        question = house.asked(request, audience)
        asked = _content(await body_of(request), f"{{{messages.QUERY}}}AdhocQueryRequest")
        values = _slot(asked, "$XDSDocumentEntryPatientId")
        told = _PATIENT.fullmatch(values[0]) if len(values) == 1 else None
        if told is None:
            raise Malformed("invalid_parameter", {"where": "$XDSDocumentEntryPatientId"})
        found = await house.holdings.entries_of(BSN.parse(told[1]), question)
        return messages.listed(messages.entries_of(found))

    async def retrieve(request: Request) -> Response:
        house.asked(request, audience)
        asked = _content(await body_of(request), f"{{{messages.XDS}}}RetrieveDocumentSetRequest")
        unique = text(asked.find(f"{{{messages.XDS}}}DocumentRequest/{{{messages.XDS}}}DocumentUniqueId"))
        named = _NAME.fullmatch(unique)
        found = await house.holdings.entry(int(named[1])) if named else None
        if found is None:
            raise NotFound("document")
        return messages.document(unique, kos_file(found[1], unique, found[1].address, XDS_I))

    return [
        Route(REGISTRY, query, methods=["POST"]),
        Route(REPOSITORY, retrieve, methods=["POST"]),
    ]


def _content(message: bytes, name: str) -> Element:
    """Return what a message asks. Raises: Malformed for another message."""
    found = parse(message).find(f"{{{messages.SOAP}}}Body/{name}")
    if found is None:
        raise Malformed("invalid_parameter", {"where": "another message was expected"})
    return found


def _slot(asked: Element, name: str) -> list[str]:
    slots = asked.iter(f"{{{messages.RIM}}}Slot")
    return [text(one) for slot in slots if slot.get("name") == name for one in slot.iter(f"{{{messages.RIM}}}Value")]
