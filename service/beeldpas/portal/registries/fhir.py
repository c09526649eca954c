"""A registry that speaks FHIR R4: one search by POST, its pages back, nothing in them believed without the directory.

*Source:* FHIR R4 §3.1.1 (search); docs/wire.md §2.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx2

from beeldpas.domain.bsn import BSN, BSN_SYSTEM
from beeldpas.domain.errors import Malformed, Unavailable
from beeldpas.formats.fhir import text
from beeldpas.formats.fhir.reading import read_searchset
from beeldpas.formats.found import Found
from beeldpas.portal.directory import Directory
from beeldpas.portal.registries.calling import called
from beeldpas.portal.registries.paging import Search, all_pages
from beeldpas.portal.registries.placing import placed
from beeldpas.portal.registries.port import RegistryAnswer
from beeldpas.portal.registries.question import Question, Signer
from beeldpas.portal.registries.withholding import seen_by


@dataclass(frozen=True, slots=True)
class FhirSource:
    """One FHIR server: `address` is its FHIR base, `audience` who is asked; `client` may call it."""

    name: str
    audience: str
    address: str
    client: httpx2.AsyncClient
    signer: Signer

    async def find(self, bsn: BSN, question: Question) -> Found:
        """Return what the server claims of a person. Raises: Unavailable."""
        address = f"{self.address}/ImagingStudy/_search"
        form = {
            "patient.identifier": f"{BSN_SYSTEM}|{bsn.reveal()}",
            "_include": "ImagingStudy:endpoint",
            "_revinclude": "DiagnosticReport:imaging-study",
        }
        first = await called(self.name, self.client.post(address, headers=self._headers(question), data=form))

        async def follow(further: str) -> httpx2.Response:
            return await called(self.name, self.client.get(further, headers=self._headers(question)))

        pages = await all_pages(Search(self.name, self.audience, address, bsn), first, follow)
        try:
            return read_searchset(pages.bundles, bsn, self.signer.clock().date(), complete=pages.complete)
        except Malformed as error:
            raise Unavailable(self.name, retryable=False, reason="unreadable") from error

    def _headers(self, question: Question) -> Mapping[str, str]:
        """A question is worth one request: each has its own."""
        token = self.signer.sign(question, self.audience).reveal()
        return {"Authorization": f"Bearer {token}", "Accept": text.MEDIA_TYPE}


@dataclass(frozen=True, slots=True)
class FhirRegistry:
    """One FHIR registry; `client` may call its address only."""

    name: str
    base_url: str
    client: httpx2.AsyncClient
    signer: Signer
    directory: Directory

    async def search(self, bsn: BSN, question: Question) -> RegistryAnswer:
        """Return the studies registered for a person. Raises: Unavailable."""
        source = FhirSource(self.name, self.base_url, f"{self.base_url}/fhir", self.client, self.signer)
        return placed(seen_by(await source.find(bsn, question), question), self.directory)
