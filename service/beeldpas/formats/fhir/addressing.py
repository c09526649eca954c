"""The national generic functions: who holds images of a person (localisation), and where they are asked (addressing).

*Source:* national FHIR guide of the generic functions (NVI `$localize`, data categories); IHE ITI mCSD (ITI-90).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from beeldpas.formats.fhir import systems, values
from beeldpas.formats.fhir.endpoints import is_in_force
from beeldpas.formats.fhir.opening import Opened, open_bundles
from beeldpas.formats.fhir.text import Resource

CATEGORIES = "http://minvws.nl/CodeSystem/nl-gf-data-categories-cs"
IMAGING = "Imaging"
_FHIR = "hl7-fhir-rest"


@dataclass(frozen=True, slots=True)
class Holder:
    """An organisation that is said to hold images; `addresses` are the FHIR servers that are in force today."""

    ura: str
    name: str
    addresses: tuple[str, ...] = ()


def localize(pseudonym: str) -> Resource:
    """Ask which organisations hold images of the person of a pseudonym."""
    category = {"system": CATEGORIES, "code": IMAGING}
    return {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "pseudonym", "valueString": pseudonym},
            {"name": "careContext", "valueCoding": category},
        ],
    }


def read_located(bundle: Resource) -> tuple[tuple[Holder, ...], int]:
    """Return the organisations of an answer, each once, and how many entries are none.

    Raises: Malformed("no_searchset") when it is no Bundle.
    """
    opened = open_bundles([bundle])
    named = [_holder(one) for one in opened.of_kind("Organization")]
    holders = {one.ura: one for one in named if one.ura}
    return tuple(holders[ura] for ura in sorted(holders)), opened.broken + sum(not one.ura for one in named)


def with_addresses(holders: Iterable[Holder], pages: Sequence[Resource], today: date) -> tuple[Holder, ...]:
    """Return the organisations with their names and FHIR servers, as an address register has them.

    Raises: Malformed("no_searchset") when a page is no Bundle.
    """
    opened = open_bundles(pages)
    known: dict[str, Holder] = {}
    for one in opened.of_kind("Organization"):
        holder = _holder(one)
        addresses = (*known.get(holder.ura, holder).addresses, *_addresses(opened, one, today))
        known[holder.ura] = Holder(holder.ura, holder.name, tuple(dict.fromkeys(addresses)))
    return tuple(known.get(one.ura, one) for one in holders)


def _holder(organization: Resource) -> Holder:
    ura = values.identified(organization.get("identifier"), systems.URA)
    return Holder(ura, values.text(organization.get("name")))


def _addresses(opened: Opened, organization: Resource, today: date) -> Iterator[str]:
    for reference in values.objects(organization.get("endpoint")):
        endpoint = opened.target(organization, reference)
        kinds = {values.text(one.get("code")) for one in values.codings(endpoint.get("connectionType"))}
        payload = {values.text(one.get("code")) for one in values.codings(endpoint.get("payloadType"))}
        if _FHIR in kinds and IMAGING in payload and is_in_force(endpoint, today):
            yield values.text(endpoint.get("address")).rstrip("/")
