"""The generic functions around one index: pseudonym service, referral index, address register, and the hospitals.

The index never hears a number, and its answer names organisations only. What is FHIR is checked against the FHIR
definitions (fhir.resources). The published index asks for a blinding factor (`oprfKey`) with each pseudonym; this one
takes the pseudonyms of `/exchange/pseudonym`, which have none. *Source:* interface definitions of NVI and of the
pseudonym service; IHE ITI mCSD; national guide (data categories).
"""

import json
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.parameters import Parameters
from starlette.requests import Request
from starlette.responses import Response
from tests.cast import NOORD, WEST, Organisation
from tests.registries.fhir_stub import in_searchset, refused, studies
from tests.registries.stub import Answer, Stub

from beeldpas.demo.registries.entries import BSN_SYSTEM, URA_SYSTEM, Resource
from beeldpas.demo.registries.nvi_messages import CATEGORIES, endpoint, organisation, searchset

RECIPIENT = "oin:00000099000000001000"
JWE = "eyJhbGciOiJSU0EtT0FFUC0yNTYifQ.a2V5.aXY.Y2lwaGVy.dGFn"


@dataclass(slots=True)
class NviStub(Stub):
    """`moods`: how hospitals answer, by id; `endpoint` changes every entry of the address register."""

    moods: dict[str, Answer] = field(default_factory=dict)
    endpoint: Resource = field(default_factory=dict)
    number: str = ""

    def reset(self) -> None:
        """Forget everything."""
        Stub.reset(self)
        self.moods.clear()
        self.endpoint.clear()

    @property
    def hosts(self) -> tuple[str, ...]:
        """The services and the hospitals that take part."""
        return (self.pseudonyms_url, self.addressing_url, self.hospital(NOORD), self.hospital(WEST))

    @property
    def pseudonyms_url(self) -> str:
        """Where pseudonyms are made."""
        return f"http://pseudonyms.localhost:{self.port}"

    @property
    def addressing_url(self) -> str:
        """Where addresses are kept."""
        return f"http://addresses.localhost:{self.port}/mcsd"

    async def answer(self, request: Request, body: bytes) -> Response:
        host = request.url.hostname or ""
        who = host.partition(".")[0]
        if who == "pseudonyms":
            return self._pseudonym(request, json.loads(body))
        if who == "registry":
            return self._located(request, json.loads(body))
        if who == "addresses":
            return self._addresses(request, parse_qs(body.decode()))
        if who in self.moods:
            return await self.moods[who](request)
        return self._metadata(request, who, parse_qs(body.decode()))

    def _holders(self) -> list[Organisation]:
        found = {one.at.ura: one.at for one in (*self.entries, *self.alone)}
        return [found[ura] for ura in sorted(found)]

    def _pseudonym(self, request: Request, asked: Resource) -> Response:
        assert request.url.path == "/exchange/pseudonym"
        assert set(asked) == {"personalId", "recipientOrganization", "recipientScope", "pseudonymType"}
        assert asked["personalId"].startswith("NL:bsn:") and asked["recipientOrganization"] == RECIPIENT
        self.number = asked["personalId"].removeprefix("NL:bsn:")
        return Response(JWE, 201, media_type="Multipart/Encrypted")

    def _located(self, request: Request, asked: Resource) -> Response:
        assert request.url.path == "/Organization/$localize"
        Parameters.model_validate(asked)
        told = {one["name"]: one for one in asked["parameter"]}
        assert told["pseudonym"]["valueString"] == JWE
        assert told["careContext"]["valueCoding"] == {"system": CATEGORIES, "code": "Imaging"}
        found = [organisation(one, number, is_addressed=False) for number, one in enumerate(self._holders())]
        return _answer(searchset(self.base_url, found))

    def _addresses(self, request: Request, asked: dict[str, list[str]]) -> Response:
        assert request.url.path == "/mcsd/Organization/_search"
        assert asked["_include"] == ["Organization:endpoint"]
        wanted = {one.removeprefix(f"{URA_SYSTEM}|") for one in asked["identifier"][0].split(",")}
        found: list[Resource] = []
        for number, one in enumerate(self._holders()):
            if one.ura in wanted:
                found.append(organisation(one, number, is_addressed=True))
                found.append(endpoint(number, self._address(one)) | self.endpoint)
        return _answer(searchset(self.addressing_url, found))

    def _address(self, at: Organisation) -> str:
        told = next((one.address for one in self.entries if one.at == at and one.address), "")
        return told or f"{self.hospital(at)}/fhir"

    def _metadata(self, request: Request, who: str, asked: dict[str, list[str]]) -> Response:
        if request.url.path != "/fhir/ImagingStudy/_search":
            return refused(404, "not here")
        assert asked["patient.identifier"] == [f"{BSN_SYSTEM}|{self.number}"]
        base, found = f"{self.hospital(NOORD)}/fhir", studies(self, who)
        bundle: Resource = {"resourceType": "Bundle", "type": "searchset", "total": len(found)}
        if found:
            bundle["entry"] = [in_searchset(base, one) for one in found]
        return _answer(bundle)


def _answer(bundle: Resource) -> Response:
    Bundle.model_validate(bundle)
    return Response(json.dumps(bundle), media_type="application/fhir+json")
