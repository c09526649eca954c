"""Which kinds of registry there are: one line each."""

from collections.abc import Callable, Mapping

import httpx2

from beeldpas.portal.directory import Directory
from beeldpas.portal.registries.fhir import FhirRegistry
from beeldpas.portal.registries.mhd import MhdRegistry
from beeldpas.portal.registries.port import Registry
from beeldpas.portal.registries.question import Signer

Open = Callable[[str, str, httpx2.AsyncClient, Signer, Directory], Registry]

# kind in the settings → how to open one: name, base URL, client, signer, directory
KINDS: Mapping[str, Open] = {
    "fhir": FhirRegistry,
    "mhd": MhdRegistry,
}
