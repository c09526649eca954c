"""A hospital that is asked itself: the real gateway, and at the same address a FHIR server besides.

It tells which studies there are. Our gateways have no such door; a hospital of the referral index has one.

python -m beeldpas.demo.registries.metadata gateway serve --config FILE
"""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from beeldpas.cli import main
from beeldpas.demo.registries.entries import BSN_SYSTEM
from beeldpas.demo.registries.holdings import Holdings
from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Malformed
from beeldpas.formats.fhir import bundles, text
from beeldpas.gateway import commands
from beeldpas.gateway.app import build_app
from beeldpas.gateway.house import House
from beeldpas.gateway.questions import asked
from beeldpas.web.body import read_form


async def search(request: Request) -> Response:
    """`POST /fhir/ImagingStudy/_search`: what is here of one person, for who may know it."""
    house: House = request.app.state.house
    question = asked(house, request).question
    form = await read_form(request)
    system, _, number = form.get("patient.identifier", ("",))[0].partition("|")
    if system != BSN_SYSTEM:
        raise Malformed("invalid_parameter", {"where": "patient.identifier"})
    holdings = Holdings(house.settings, house.engine, house.clock)
    studies = await holdings.studies_of(BSN.parse(number), question)
    told = bundles.transaction(holdings.hospital, studies)["entry"]
    resources = [{"id": f"n{position}", **entry["resource"]} for position, entry in enumerate(told)]
    bundle = bundles.searchset(
        f"{house.settings.base_url}/fhir",
        [one for one in resources if one["resourceType"] == "ImagingStudy"],
        [one for one in resources if one["resourceType"] != "ImagingStudy"],
    )
    return Response(text.render(bundle), media_type=text.MEDIA_TYPE)


def with_metadata(house: House) -> Starlette:
    """Return the gateway's application with one door more."""
    app = build_app(house)
    app.router.routes.insert(0, Route("/fhir/ImagingStudy/_search", search, methods=["POST"]))
    return app


if __name__ == "__main__":
    setattr(commands, "build_app", with_metadata)  # noqa: B010  (a door is put in from outside)
    main()
