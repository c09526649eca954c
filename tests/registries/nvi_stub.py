"""The generic functions around one index: pseudonym service, referral index, address register, and the hospitals.

The index never hears a number, and its answer names organisations only. What is FHIR is checked against the FHIR
definitions (fhir.resources). The published index asks for a blinding factor (`oprfKey`) with each pseudonym; this one
takes the pseudonyms of `/exchange/pseudonym`, which have none. *Source:* interface definitions of NVI and of the
pseudonym service; IHE ITI mCSD; national guide (data categories).
"""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.parameters import Parameters
from starlette.requests import Request
from starlette.responses import Response
from tests.cast import NOORD, WEST, Organisation
from tests.registries.fhir_stub import BSN_SYSTEM, URA_SYSTEM, in_searchset, refused, studies
from tests.registries.stub import Answer, Stub

CATEGORIES = "http://minvws.nl/CodeSystem/nl-gf-data-categories-cs"
RECIPIENT = "oin:00000099000000001000"
JWE = "eyJhbGciOiJSU0EtT0FFUC0yNTYifQ.a2V5.aXY.Y2lwaGVy.dGFn"
Resource = dict[str, Any]


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
        found = [_organisation(one, number) for number, one in enumerate(self._holders())]
        return _searchset(self.base_url, [{name: one[name] for name in one if name != "endpoint"} for one in found])

    def _addresses(self, request: Request, asked: dict[str, list[str]]) -> Response:
        assert request.url.path == "/mcsd/Organization/_search"
        assert asked["_include"] == ["Organization:endpoint"]
        wanted = {one.removeprefix(f"{URA_SYSTEM}|") for one in asked["identifier"][0].split(",")}
        found: list[Resource] = []
        for number, one in enumerate(self._holders()):
            if one.ura in wanted:
                found += [_organisation(one, number), self._endpoint(one, number)]
        return _searchset(self.addressing_url, found)

    def _endpoint(self, at: Organisation, number: int) -> Resource:
        told = next((one.address for one in self.entries if one.at == at and one.address), "")
        return {
            "resourceType": "Endpoint",
            "id": f"e{number}",
            "status": "active",
            "connectionType": {
                "system": "http://terminology.hl7.org/CodeSystem/endpoint-connection-type",
                "code": "hl7-fhir-rest",
            },
            "payloadType": [{"coding": [{"system": CATEGORIES, "code": "Imaging"}]}],
            "address": told or f"{self.hospital(at)}/fhir",
            **self.endpoint,
        }

    def _metadata(self, request: Request, who: str, asked: dict[str, list[str]]) -> Response:
        if request.url.path != "/fhir/ImagingStudy/_search":
            return refused(404, "not here")
        assert asked["patient.identifier"] == [f"{BSN_SYSTEM}|{self.number}"]
        return _searchset(f"{self.hospital(NOORD)}/fhir", studies(self, who))


def _organisation(at: Organisation, number: int) -> Resource:
    return {
        "resourceType": "Organization",
        "id": f"o{number}",
        "identifier": [{"system": URA_SYSTEM, "value": at.ura}],
        "name": at.name,
        "endpoint": [{"reference": f"Endpoint/e{number}"}],
    }


def _searchset(base: str, found: list[Resource]) -> Response:
    bundle: Resource = {"resourceType": "Bundle", "type": "searchset", "total": len(found)}
    if found:
        bundle["entry"] = [in_searchset(base, one) for one in found]
    Bundle.model_validate(bundle)
    return Response(json.dumps(bundle), media_type="application/fhir+json")
