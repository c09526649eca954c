"""Reading a care services directory: which organisations are active, and where their images can be fetched today.

*Source:* IHE ITI mCSD (ITI-90 Find Matching Care Services); FHIR R4 Organization, Endpoint.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from beeldpas.formats.fhir import systems, values
from beeldpas.formats.fhir.endpoints import is_for_images, is_in_force
from beeldpas.formats.fhir.opening import open_bundles
from beeldpas.formats.fhir.text import Resource


@dataclass(frozen=True, slots=True)
class CareService:
    """An active organisation with a URA: its name, and the addresses that are in force today for images."""

    ura: str
    name: str
    addresses: tuple[str, ...]


def read_care_services(pages: Iterable[Resource], today: date) -> Mapping[str, CareService]:
    """Return the active organisations of an answer by URA; one that is listed twice has the addresses of both.

    Raises: Malformed("no_searchset") when a page is no Bundle.
    """
    opened, found = open_bundles(pages), dict[str, CareService]()
    for one in opened.of_kind("Organization"):
        ura = values.identified(one.get("identifier"), systems.URA)
        if not ura or one.get("active") is not True:
            continue
        named = [opened.target(one, reference) for reference in values.objects(one.get("endpoint"))]
        places = [place for place in named if place and is_for_images(place) and is_in_force(place, today)]
        addresses = {address for place in places if (address := values.text(place.get("address")))}
        before = found.get(ura)
        both = addresses | set(before.addresses if before else ())
        found[ura] = CareService(ura, values.text(one.get("name")), tuple(sorted(both)))
    return found
