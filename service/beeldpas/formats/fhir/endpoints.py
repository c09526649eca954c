"""Where an Endpoint says that something is: what for, since when, and what place it claims to be.

*Source:* FHIR R4 Endpoint; IHE RAD MADO, MadoWadoEndpoint (an address may be unknown, a location never).
"""

from datetime import date

from beeldpas.formats.fhir import systems, values
from beeldpas.formats.fhir.text import Resource
from beeldpas.formats.found import FoundPlace


def is_for_images(endpoint: Resource) -> bool:
    """Say whether an Endpoint serves images by WADO-RS."""
    kinds = {values.text(coding.get("code")) for coding in values.codings(endpoint.get("connectionType"))}
    return endpoint.get("resourceType") == "Endpoint" and systems.WADO_RS in kinds


def is_in_force(endpoint: Resource, today: date) -> bool:
    """Say whether an Endpoint is active, and today within its period."""
    period = endpoint.get("period")
    period = period if isinstance(period, dict) else {}
    start = values.day(period.get("start")) or date.min
    end = values.day(period.get("end")) or date.max
    return endpoint.get("status") == "active" and start <= today <= end


def place_of(endpoint: Resource) -> FoundPlace:
    """What an Endpoint claims. `http://notspecified` stands for an address that nobody knows."""
    owner = endpoint.get("managingOrganization")
    owner = owner if isinstance(owner, dict) else {}
    address = values.text(endpoint.get("address"))
    return FoundPlace(
        name=values.text(endpoint.get("name"))
        or values.text(owner.get("display"))
        or values.text(endpoint.get("id")),
        address="" if address == systems.NOT_SPECIFIED else address,
        custodian=values.identified(owner.get("identifier"), systems.URA),
        location=_location(endpoint),
    )


def _location(endpoint: Resource) -> str:
    for extension in values.objects(endpoint.get("extension")):
        name = str(extension.get("url", "")).rpartition("/")[2].lower().replace("-", "")
        if systems.LOCATION_EXTENSION in name:
            told = extension.get("valueOid") or extension.get("valueUri") or extension.get("valueString")
            return values.uid(told or values.identified(extension.get("valueIdentifier"), systems.DICOM_UID))
    return ""
