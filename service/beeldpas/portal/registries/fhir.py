"""A registry that speaks FHIR R4: one search by POST, one Bundle back, nothing in it believed without the directory.

*Source:* FHIR R4 §3.1.1 (search); docs/wire.md §2.
"""

from dataclasses import dataclass, replace

import httpx2

from beeldpas.domain.bsn import BSN, BSN_SYSTEM
from beeldpas.domain.errors import Malformed, Unavailable
from beeldpas.domain.study import Holding, Study
from beeldpas.formats.fhir import text
from beeldpas.formats.fhir.reading import Found, FoundEndpoint, FoundStudy, read_searchset
from beeldpas.portal.directory import Directory
from beeldpas.portal.registries.calling import called
from beeldpas.portal.registries.port import RegistryAnswer
from beeldpas.portal.registries.question import Question, Signer


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
        response = await called(
            self.name,
            self.client.post(
                f"{self.base_url}/fhir/ImagingStudy/_search",
                headers={
                    "Authorization": f"Bearer {self.signer.sign(question, self.base_url).reveal()}",
                    "Accept": text.MEDIA_TYPE,
                },
                data={
                    "patient.identifier": f"{BSN_SYSTEM}|{bsn.reveal()}",
                    "_include": "ImagingStudy:endpoint",
                    "_revinclude": "DiagnosticReport:imaging-study",
                },
            ),
        )
        try:
            found = read_searchset(text.parse(response.content), bsn, self.signer.clock().date())
        except Malformed as error:
            raise Unavailable(self.name, retryable=False, reason="unreadable") from error
        return _placed(found, self.directory)


def _placed(found: Found, directory: Directory) -> RegistryAnswer:
    """Give each study the hospitals that hold it, as the directory knows them."""
    studies, strangers, homeless = [], set[str](), 0
    for one in found.studies:
        holdings = []
        for endpoint in one.endpoints:
            holding = _holding(one, endpoint, directory)
            if holding is None:
                strangers.add(endpoint.name or endpoint.gateway_id)
            else:
                holdings.append(holding)
        homeless += not one.endpoints
        if holdings:
            studies.append(_with_holdings(one.study, holdings))
    return RegistryAnswer(tuple(studies), found.unreadable + homeless, tuple(sorted(strangers)), found.complete)


def _holding(found: FoundStudy, endpoint: FoundEndpoint, directory: Directory) -> Holding | None:
    """Say who holds the study there; None when the directory has another address for that hospital."""
    hospital = directory.at(endpoint.gateway_id, endpoint.address)
    if hospital is None or endpoint.custodian not in ("", hospital.ura):
        return None
    return Holding(
        gateway_id=hospital.gateway_id,
        hospital=hospital.name,
        custodian=hospital.ura,
        origin=found.origin and found.custodian in ("", hospital.ura),
        base_url=hospital.base_url,
        confirmed=False,
        instances=found.study.instances,
        size_bytes=None,
    )


def _with_holdings(study: Study, holdings: list[Holding]) -> Study:
    by_hospital = {holding.gateway_id: holding for holding in holdings}
    return replace(study, holdings=tuple(by_hospital[gateway_id] for gateway_id in sorted(by_hospital)))
