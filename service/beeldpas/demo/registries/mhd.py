"""A Document Responder of MHD before one hospital: which manifests and reports there are (ITI-67), and each (ITI-68).

The person is asked about by POST, so that no number stands in an address. *Source:* IHE ITI MHD; IHE RAD MADO.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from beeldpas.demo.registries.entries import BSN_SYSTEM
from beeldpas.demo.registries.house import House
from beeldpas.demo.registries.kos import kos_file
from beeldpas.demo.registries.mhd_messages import document_uid, listed, manifest
from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Malformed, NotFound
from beeldpas.formats.fhir import text
from beeldpas.web.body import read_form


def routes(house: House) -> list[Route]:
    """Return the doors of this registry."""

    async def documents(request: Request) -> Response:
        question = house.asked(request, house.base_url)
        form = await read_form(request)
        system, _, number = form.get("patient.identifier", ("",))[0].partition("|")
        if system != BSN_SYSTEM or form.get("status") != ("current",):
            raise Malformed("invalid_parameter", {"where": "patient.identifier and status are needed"})
        found = await house.holdings.entries_of(BSN.parse(number), question)
        bundle = listed(house.base_url, found, form="twins")
        return Response(text.render(bundle), media_type=text.MEDIA_TYPE)

    async def document(request: Request) -> Response:
        house.asked(request, house.base_url)
        encoding, number = request.path_params["encoding"], request.path_params["number"]
        found = await house.holdings.entry(number)
        if found is None:
            raise NotFound("document")
        if encoding == "fhir":
            return Response(text.render(manifest(found[1], number)), media_type=text.MEDIA_TYPE)
        file = kos_file(found[1], document_uid(encoding, number), found[1].address)
        return Response(file, media_type="application/dicom")

    return [
        Route("/DocumentReference/_search", documents, methods=["POST"]),
        Route("/Binary/{encoding:str}-{number:int}", document, methods=["GET"]),
    ]
