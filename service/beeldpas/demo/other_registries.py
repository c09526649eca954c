"""The registries that are not ours: the settings of each as a program, and how it is asked."""

from typing import Any, Final

from beeldpas.demo.curation import Hospital
from beeldpas.demo.floor import Floor
from beeldpas.demo.registries import nvi, xds
from beeldpas.demo.registries.xds_messages import REPOSITORY
from beeldpas.keys import public_file

# What pages call each of them.
NAMES: Final = {"xds": "Netwerk Noord", "mhd": "Netwerk West", "nvi": "Landelijke verwijsindex"}

LANGUAGES: Final = {"xds": "speaks XDS.b", "mhd": "speaks MHD", "nvi": "the national generic functions"}
_ASKED_AT: Final = {
    "registry": "/fhir/ImagingStudy/_search",
    "mhd": "/DocumentReference/_search",
    "xds": xds.REGISTRY,
    "nvi": f"{nvi.INDEX}/Organization/$localize",
    "oost": "/fhir/ImagingStudy/_search",
}


def asked_at(name: str) -> str:
    """Where a registry, ours too, or a hospital is asked what it has."""
    return _ASKED_AT.get(name, "/preview")


def program(floor: Floor, kind: str, hospital: Hospital) -> dict[str, Any]:
    """Return the settings of the program: it reads what the gateway of its hospital has."""
    place = floor[kind]
    return {
        "kind": kind,
        "base_url": place.base_url,
        "port": place.inner_port,
        "portal": floor["portal"].base_url,
        "portal_keys_file": public_file(floor.keys("portal")),
        "hospital_file": floor.config(hospital.gateway_id),
    } | floor.tls_files(place)


def as_asked(floor: Floor, kind: str) -> dict[str, Any]:
    """Return what the portal must know of it."""
    base = floor[kind].base_url
    more: dict[str, dict[str, Any]] = {
        "mhd": {"base_url": base},
        "xds": {"base_url": base + xds.REGISTRY, "repositories": {REPOSITORY: base + xds.REPOSITORY}},
        "nvi": {
            "base_url": base + nvi.INDEX,
            "pseudonyms_url": base + nvi.PSEUDONYMS,
            "addressing_url": base + nvi.ADDRESSES,
            "recipient": nvi.RECIPIENT,
        },
    }
    return {"name": NAMES[kind], "kind": kind} | more[kind]
