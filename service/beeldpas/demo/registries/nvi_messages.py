"""What the generic functions say: which organisations hold images of somebody, and where each of them is asked.

*Source:* interface definitions of the NVI; IHE ITI mCSD; national guide (data categories).
"""

from collections.abc import Iterable

from beeldpas.demo.registries.entries import URA_SYSTEM, Organisation, Resource

CATEGORIES = "http://minvws.nl/CodeSystem/nl-gf-data-categories-cs"
_CONNECTION = "http://terminology.hl7.org/CodeSystem/endpoint-connection-type"


def organisation(at: Organisation, number: int, *, is_addressed: bool) -> Resource:
    """Name an organisation; with `is_addressed` its endpoint comes along, under the same number."""
    made: Resource = {
        "resourceType": "Organization",
        "id": f"o{number}",
        "identifier": [{"system": URA_SYSTEM, "value": at.ura}],
        "name": at.name,
    }
    return made | ({"endpoint": [{"reference": f"Endpoint/e{number}"}]} if is_addressed else {})


def endpoint(number: int, address: str) -> Resource:
    """Say at which FHIR server an organisation is asked about images."""
    return {
        "resourceType": "Endpoint",
        "id": f"e{number}",
        "status": "active",
        "connectionType": {"system": _CONNECTION, "code": "hl7-fhir-rest"},
        "payloadType": [{"coding": [{"system": CATEGORIES, "code": "Imaging"}]}],
        "address": address,
    }


def searchset(base: str, found: Iterable[Resource]) -> Resource:
    """Put organisations, and what comes along with them, into one answer."""
    entries: list[Resource] = [
        {
            "fullUrl": f"{base}/{one['resourceType']}/{one['id']}",
            "resource": one,
            "search": {"mode": "match" if one["resourceType"] == "Organization" else "include"},
        }
        for one in found
    ]
    matches = sum(one["search"]["mode"] == "match" for one in entries)
    bundle: Resource = {"resourceType": "Bundle", "type": "searchset", "total": matches}
    return bundle | ({"entry": entries} if entries else {})
