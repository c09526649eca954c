"""A document index that speaks MHD: which manifests and reports there are of a person, and then each manifest.

The person's number goes in the body of the question only. A manifest is fetched from the index's own server and from
nowhere else. *Source:* IHE ITI MHD, ITI-67 (by POST) and ITI-68; IHE RAD MADO.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urljoin

import httpx2

from beeldpas.domain.bsn import BSN, BSN_SYSTEM
from beeldpas.domain.errors import Malformed, Unavailable
from beeldpas.formats.fhir import text
from beeldpas.formats.fhir.documents import read_documents
from beeldpas.formats.fhir.manifest import read_manifest
from beeldpas.formats.found import FoundStudy
from beeldpas.formats.hospitals import is_below
from beeldpas.formats.kos import read_kos
from beeldpas.formats.manifests import Encoding, Listed, Manifest, completed
from beeldpas.portal.directory import Directory
from beeldpas.portal.registries.calling import called
from beeldpas.portal.registries.manifests import read_all
from beeldpas.portal.registries.paging import Search, all_pages
from beeldpas.portal.registries.placing import placed
from beeldpas.portal.registries.port import RegistryAnswer
from beeldpas.portal.registries.question import Question, Signer
from beeldpas.portal.registries.withholding import seen_by

_MEDIA_TYPES: Mapping[Encoding, str] = {"fhir": text.MEDIA_TYPE, "kos": "application/dicom"}


@dataclass(frozen=True, slots=True)
class MhdRegistry:
    """One Document Responder; `client` may call its address only."""

    name: str
    base_url: str
    client: httpx2.AsyncClient
    signer: Signer
    directory: Directory

    async def search(self, bsn: BSN, question: Question) -> RegistryAnswer:
        """Return the studies and reports registered for a person. Raises: Unavailable."""
        listed = await self._listed(bsn, question)

        async def read(manifest: Manifest) -> FoundStudy:
            return await self._read(manifest, bsn, question)

        return placed(seen_by(await read_all(listed, read), question), self.directory)

    async def _listed(self, bsn: BSN, question: Question) -> Listed:
        form = {"patient.identifier": f"{BSN_SYSTEM}|{bsn.reveal()}", "status": "current"}
        headers = self._headers(question, text.MEDIA_TYPE)
        first = await called(self.name, self.client.post(self._address, headers=headers, data=form))

        async def follow(address: str) -> httpx2.Response:
            return await called(self.name, self.client.get(address, headers=self._headers(question, text.MEDIA_TYPE)))

        pages = await all_pages(Search(self.name, self.base_url, self._address, bsn), first, follow)
        try:
            return read_documents(pages.bundles, bsn, self._today, complete=pages.complete)
        except Malformed as error:
            raise Unavailable(self.name, retryable=False, reason="unreadable") from error

    async def _read(self, manifest: Manifest, bsn: BSN, question: Question) -> FoundStudy:
        """Fetch and read one manifest. Raises: Unavailable, Malformed."""
        address = urljoin(self._address, manifest.at)
        if not is_below(address, self.base_url) or bsn.reveal() in address:
            raise Malformed("address")
        headers = self._headers(question, _MEDIA_TYPES[manifest.encoding])
        response = await called(self.name, self.client.get(address, headers=headers))
        if manifest.encoding == "fhir":
            return completed(read_manifest(text.parse(response.content), bsn, self._today), manifest)
        return completed(await asyncio.to_thread(read_kos, response.content, bsn, self._today), manifest)

    @property
    def _address(self) -> str:
        return f"{self.base_url}/DocumentReference/_search"

    @property
    def _today(self) -> date:
        return self.signer.clock().date()

    def _headers(self, question: Question, media_type: str) -> Mapping[str, str]:
        """A question is worth one request: each has its own."""
        token = self.signer.sign(question, self.base_url).reveal()
        return {"Authorization": f"Bearer {token}", "Accept": media_type}
