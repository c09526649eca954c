"""Comparing our directory with a care services directory: who is still there, active, at the address that we have.

Keys do not stand there, so nobody comes into our list by being in theirs; whoever is not as we know them goes out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from urllib.parse import urljoin

import httpx2

from beeldpas.domain.errors import Unavailable
from beeldpas.formats.fhir import text
from beeldpas.formats.fhir.opening import next_link
from beeldpas.formats.fhir.text import Resource
from beeldpas.formats.hospitals import Hospital, is_below
from beeldpas.formats.mcsd import CareService, read_care_services

_SEARCH = "/Organization?active=true&_include=Organization:endpoint"
_MOST_PAGES = 200
SOURCE = "mcsd"


class Standing(StrEnum):
    """How a hospital of ours stands in the other directory."""

    SAME = "same"
    GONE = "gone"
    NO_ADDRESS = "no_address"
    OTHER_ADDRESS = "other_address"


@dataclass(frozen=True, slots=True)
class Compared:
    """How our hospitals stand, and whom the other directory has that we have no keys of."""

    standings: tuple[tuple[Hospital, Standing], ...]
    strangers: tuple[CareService, ...]

    @property
    def agreed(self) -> tuple[Hospital, ...]:
        """The hospitals that may be in the list that is signed."""
        return tuple(hospital for hospital, standing in self.standings if standing is Standing.SAME)


def compare(ours: Sequence[Hospital], theirs: Mapping[str, CareService]) -> Compared:
    """Compare by URA, and the address with ours."""
    known = {hospital.ura for hospital in ours}
    strangers = (one for ura, one in sorted(theirs.items()) if ura not in known and one.addresses)
    return Compared(tuple((one, _standing(one, theirs.get(one.ura))) for one in ours), tuple(strangers))


def _standing(ours: Hospital, theirs: CareService | None) -> Standing:
    if theirs is None:
        return Standing.GONE
    if not theirs.addresses:
        return Standing.NO_ADDRESS
    fits = any(is_below(address, ours.base_url) for address in theirs.addresses)
    return Standing.SAME if fits else Standing.OTHER_ADDRESS


async def care_services(base_url: str, client: httpx2.AsyncClient, today: date) -> Mapping[str, CareService]:
    """Ask a care services directory for everybody, page by page; pages elsewhere are not followed.

    Raises: Unavailable("mcsd"); Malformed. A list that is not complete is none: whoever is missing would go out.
    """
    pages, address = list[Resource](), f"{base_url}{_SEARCH}"
    while address:
        if len(pages) == _MOST_PAGES or not is_below(address, base_url):
            raise Unavailable(SOURCE, retryable=False, reason="incomplete")
        pages.append(await _page(client, address))
        link = next_link(pages[-1])
        address = urljoin(address, link) if link else ""
    return read_care_services(pages, today)


async def _page(client: httpx2.AsyncClient, address: str) -> Resource:
    try:
        response = await client.get(address, headers={"Accept": text.MEDIA_TYPE})
    except httpx2.HTTPError as error:
        raise Unavailable(SOURCE) from error
    if response.status_code != httpx2.codes.OK:
        raise Unavailable(SOURCE, reason="refused")
    return text.parse(response.content)
