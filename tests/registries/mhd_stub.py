"""A Document Responder of MHD: ITI-67 by POST, ITI-68 for the manifests, in FHIR, as KOS, or both.

It refuses a question without person or status, as ITI-67 asks. What it sends is checked against the FHIR definitions
(fhir.resources), but for what a test spoils. *Source:* IHE ITI MHD; the examples of IHE RAD MADO.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import parse_qs

from fhir.resources.R4B.bundle import Bundle
from starlette.requests import Request
from starlette.responses import Response
from tests.registries.fhir_stub import refused
from tests.registries.kos_file import FINAL, kos_file
from tests.registries.stub import Stub

from beeldpas.demo.registries.entries import BSN_SYSTEM, Entry, Resource
from beeldpas.demo.registries.mhd_messages import Form, document_uid, listed, manifest


@dataclass(slots=True)
class MhdStub(Stub):
    """`form`: how manifests are kept; `codes`: of KOS manifests; `spoil` changes a list before it leaves."""

    form: Form = "fhir"
    codes: dict[str, tuple[str, str]] | None = None
    bare_uids: bool = False
    spoil: Callable[[Resource], None] | None = None
    manifest: Callable[[Request], Response | None] | None = None

    def reset(self) -> None:
        """Forget everything."""
        Stub.reset(self)
        self.form, self.codes, self.bare_uids, self.spoil, self.manifest = "fhir", None, False, None, None

    async def answer(self, request: Request, body: bytes) -> Response:
        path = request.url.path
        if request.method == "POST" and path == "/DocumentReference/_search":
            return self._documents({name: value[0] for name, value in parse_qs(body.decode()).items()})
        if request.method == "GET" and path.startswith("/Binary/"):
            if self.manifest and (other := self.manifest(request)):
                return other
            encoding, number = path.removeprefix("/Binary/").split("-")
            return self._manifest(encoding, self.entries[int(number)], int(number), request.headers["accept"])
        return refused(404, "not here")

    def _documents(self, form: dict[str, str]) -> Response:
        if not form.get("patient.identifier", "").startswith(f"{BSN_SYSTEM}|") or form.get("status") != "current":
            return refused(400, "patient or patient.identifier, and status, are needed")
        bundle = listed(self.base_url, enumerate(self.entries), self.alone, self.form)
        if self.spoil:
            self.spoil(bundle)
        else:
            Bundle.model_validate(bundle)
        return Response(json.dumps(bundle), media_type="application/fhir+json")

    def _manifest(self, encoding: str, entry: Entry, number: int, accept: str) -> Response:
        wanted = "application/fhir+json" if encoding == "fhir" else "application/dicom"
        if wanted not in accept:
            return refused(406, "not in that form")
        if encoding == "kos":
            file = kos_file(entry, document_uid(encoding, number), self.images_at(entry), self.codes or FINAL)
            return Response(file, media_type=wanted)
        bundle = manifest(replace(entry, address=self.images_at(entry)), number, bare_uids=self.bare_uids)
        if entry.study.study_uid.replace(".", "").isdigit():
            Bundle.model_validate(bundle)
        return Response(json.dumps(bundle), media_type=wanted)
