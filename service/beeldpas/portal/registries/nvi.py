"""The national referral index: which hospitals hold images of a person, where each is asked, and what each then says.

The number goes to the pseudonym service and to the hospitals, never to the index or the address register. An address
of a hospital counts only where the hospital directory has the same. *Source:* guides of the generic functions (NVI,
pseudonym service, addressing); IHE ITI mCSD.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import httpx2
import structlog

from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Malformed, Unavailable
from beeldpas.domain.secret import Secret
from beeldpas.formats.fhir import systems, text
from beeldpas.formats.fhir.addressing import Holder, localize, read_located, with_addresses
from beeldpas.formats.found import Found
from beeldpas.portal.directory import Directory, Hospital
from beeldpas.portal.registries.calling import called
from beeldpas.portal.registries.fhir import FhirSource
from beeldpas.portal.registries.paging import Search, all_pages
from beeldpas.portal.registries.placing import placed
from beeldpas.portal.registries.port import RegistryAnswer
from beeldpas.portal.registries.question import Question, Signer
from beeldpas.portal.registries.withholding import seen_by

_JWE = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*){4}", re.ASCII)
_SCOPE = "nationale-verwijsindex"
_HOSPITAL_SECONDS = 2.5
_MOST_HOSPITALS = 200
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class NviServices:
    """What stands around the index: pseudonym service, address register, and for whom pseudonyms are made."""

    pseudonyms_url: str
    addressing_url: str
    recipient: str


@dataclass(frozen=True, slots=True)
class NviRegistry:
    """The index at `base_url`; `client` may call it, the services and the hospitals of the directory."""

    name: str
    base_url: str
    client: httpx2.AsyncClient
    signer: Signer
    directory: Directory
    services: NviServices

    async def search(self, bsn: BSN, question: Question) -> RegistryAnswer:
        """Return what the hospitals say that the index names. Raises: Unavailable when these cannot be found out."""
        holders, unreadable = await self._located(await self._pseudonym(bsn, question), question)
        addressed = await self._addressed(holders[:_MOST_HOSPITALS], bsn, question) if holders else ()
        known = {one: self._hospital(one) for one in addressed}
        told = await asyncio.gather(
            *(self._ask(one, hospital, bsn, question) for one, hospital in known.items() if hospital)
        )
        found = _together(told, [one.name for one, hospital in known.items() if hospital])
        answer = placed(seen_by(found, question), self.directory)
        strangers = {one.name or one.ura for one, hospital in known.items() if hospital is None}
        return replace(
            answer,
            strangers=tuple(sorted({*answer.strangers, *strangers})),
            unreadable=answer.unreadable + unreadable,
            complete=answer.complete and len(holders) <= _MOST_HOSPITALS,
        )

    async def _pseudonym(self, bsn: BSN, question: Question) -> Secret:
        """Return the person's pseudonym for the index, for this one question."""
        body = {
            "personalId": f"NL:bsn:{bsn.reveal()}",
            "recipientOrganization": self.services.recipient,
            "recipientScope": _SCOPE,
            "pseudonymType": "irreversible",
        }
        address = f"{self.services.pseudonyms_url}/exchange/pseudonym"
        headers = self._headers(question, self.services.pseudonyms_url)
        response = await called(self.name, self.client.post(address, json=body, headers=headers), 200, 201)
        told = response.content.decode("ascii", "replace").strip()
        if not _JWE.fullmatch(told):
            raise Unavailable(self.name, retryable=False, reason="unreadable")
        return Secret(told)

    async def _located(self, pseudonym: Secret, question: Question) -> tuple[tuple[Holder, ...], int]:
        address, headers = f"{self.base_url}/Organization/$localize", self._headers(question, self.base_url)
        call = self.client.post(address, content=text.render(localize(pseudonym.reveal())), headers=headers)
        response = await called(self.name, call)
        try:
            return read_located(text.parse(response.content))
        except Malformed as error:
            raise Unavailable(self.name, retryable=False, reason="unreadable") from error

    async def _addressed(self, holders: Sequence[Holder], bsn: BSN, question: Question) -> tuple[Holder, ...]:
        base = self.services.addressing_url
        wanted = ",".join(f"{systems.URA}|{one.ura}" for one in holders)
        form = {"identifier": wanted, "_include": "Organization:endpoint"}
        address, headers = f"{base}/Organization/_search", self._headers(question, base)
        headers = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
        first = await called(self.name, self.client.post(address, data=form, headers=headers))

        async def follow(further: str) -> httpx2.Response:
            return await called(self.name, self.client.get(further, headers=self._headers(question, base)))

        pages = await all_pages(Search(self.name, base, address, bsn), first, follow)
        try:
            return with_addresses(holders, pages.bundles, self.signer.clock().date())
        except Malformed as error:
            raise Unavailable(self.name, retryable=False, reason="unreadable") from error

    def _hospital(self, holder: Holder) -> tuple[Hospital, str] | None:
        """The hospital of the directory that a holder is, and where it is asked; None when they do not agree."""
        for address in holder.addresses:
            hospital = self.directory.at(address)
            if hospital is not None and hospital.ura == holder.ura:
                return hospital, address
        return None

    async def _ask(self, holder: Holder, at: tuple[Hospital, str], bsn: BSN, question: Question) -> Found | None:
        """Ask one hospital; None when it did not answer in its time, so that it delays nobody."""
        hospital, address = at
        source = FhirSource(holder.name, hospital.base_url, address, self.client, self.signer)
        try:
            async with asyncio.timeout(_HOSPITAL_SECONDS):
                return await source.find(bsn, question)
        except (Unavailable, TimeoutError) as error:
            log.warning("source_missing", source=hospital.gateway_id, reason=getattr(error, "reason", "late"))
            return None

    def _headers(self, question: Question, audience: str) -> Mapping[str, str]:
        token = self.signer.sign(question, audience).reveal()
        return {
            "Authorization": f"Bearer {token}",
            "Accept": text.MEDIA_TYPE,
            "Content-Type": text.MEDIA_TYPE,
        }


def _together(told: Sequence[Found | None], names: Sequence[str]) -> Found:
    """One answer out of those of the hospitals; who gave none is named."""
    given = [one for one in told if one is not None]
    return Found(
        studies=tuple(study for one in given for study in one.studies),
        reports=tuple(report for one in given for report in one.reports),
        unreadable=sum(one.unreadable for one in given),
        complete=all(one.complete for one in given),
        warnings=sum(one.warnings for one in given),
        failed=tuple(sorted(name for one, name in zip(told, names, strict=True) if one is None)),
    )
