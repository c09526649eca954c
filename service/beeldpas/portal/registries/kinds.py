"""Which kinds of registry there are: one line each."""

from collections.abc import Callable, Mapping

import httpx2

from beeldpas.portal.directory import Directory
from beeldpas.portal.registries.fhir import FhirRegistry
from beeldpas.portal.registries.mhd import MhdRegistry
from beeldpas.portal.registries.nvi import NviRegistry, NviServices
from beeldpas.portal.registries.port import Registry
from beeldpas.portal.registries.question import Signer
from beeldpas.portal.registries.xds import XdsRegistry
from beeldpas.portal.settings import RegistrySettings


def _services(one: RegistrySettings) -> NviServices:
    return NviServices(one.pseudonyms_url, one.addressing_url, one.recipient)


Open = Callable[[RegistrySettings, httpx2.AsyncClient, Signer, Directory], Registry]

# kind in the settings → how to open one: settings, client, signer, directory
KINDS: Mapping[str, Open] = {
    "fhir": lambda one, *rest: FhirRegistry(one.name, one.base_url, *rest),
    "mhd": lambda one, *rest: MhdRegistry(one.name, one.base_url, *rest),
    "xds": lambda one, client, signer, directory: XdsRegistry(
        one.name, one.base_url, client, signer, directory, one.repositories
    ),
    "nvi": lambda one, client, signer, directory: NviRegistry(
        one.name, one.base_url, client, signer, directory, _services(one)
    ),
}
