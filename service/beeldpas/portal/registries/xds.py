"""A document registry that speaks XDS.b: which manifests and reports there are of a person, and then each manifest.

A manifest is fetched from the repositories of the settings only: an answer names a repository by its id, never by an
address. *Source:* IHE ITI TF-2 §3.18 and §3.43; IHE RAD XDS-I.b.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import httpx2

from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Malformed, Unavailable
from beeldpas.formats.found import FoundStudy
from beeldpas.formats.kos import read_kos
from beeldpas.formats.manifests import Manifest, completed
from beeldpas.formats.xds import query, retrieve
from beeldpas.formats.xds.entries import read_entries
from beeldpas.formats.xds.soap import media_type
from beeldpas.portal.directory import Directory
from beeldpas.portal.registries.calling import called
from beeldpas.portal.registries.manifests import read_all
from beeldpas.portal.registries.placing import placed
from beeldpas.portal.registries.port import RegistryAnswer
from beeldpas.portal.registries.question import Question, Signer
from beeldpas.portal.registries.withholding import seen_by


@dataclass(frozen=True, slots=True)
class XdsRegistry:
    """One Document Registry, and its repositories (unique id → address); `client` may call these only."""

    name: str
    base_url: str
    client: httpx2.AsyncClient
    signer: Signer
    directory: Directory
    repositories: Mapping[str, str]

    async def search(self, bsn: BSN, question: Question) -> RegistryAnswer:
        """Return the studies and reports registered for a person. Raises: Unavailable."""
        response = await self._send(self.base_url, query.ACTION, query.find_documents(bsn, self.base_url), question)
        today = self.signer.clock().date()
        try:
            listed = await asyncio.to_thread(read_entries, response.content, self.name, bsn, today)
        except Malformed as error:
            raise Unavailable(self.name, retryable=False, reason="unreadable") from error

        async def read(manifest: Manifest) -> FoundStudy:
            body = await self._fetch(manifest, question)
            return completed(await asyncio.to_thread(read_kos, body, bsn, today), manifest)

        return placed(seen_by(await read_all(listed, read), question), self.directory)

    async def _fetch(self, manifest: Manifest, question: Question) -> bytes:
        """Return a manifest's bytes. Raises: Unavailable; Malformed, also for a repository that nobody set."""
        address = self.repositories.get(manifest.repository)
        if address is None:
            raise Malformed("repository")
        message = retrieve.retrieve_document(manifest.repository, manifest.at, manifest.home, address)
        response = await self._send(address, retrieve.ACTION, message, question)
        return retrieve.read_document(response.headers.get("content-type", ""), response.content, manifest.at)

    async def _send(self, address: str, action: str, message: bytes, question: Question) -> httpx2.Response:
        headers = {
            "Authorization": f"Bearer {self.signer.sign(question, self.base_url).reveal()}",
            "Content-Type": media_type(action),
        }
        return await called(self.name, self.client.post(address, content=message, headers=headers))
