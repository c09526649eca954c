"""The headers of a study, a series or one instance, as the JSON that was prepared when they were indexed.

*Source:* DICOM PS3.18 §10.4.1.1.2 (metadata), Annex F (JSON model).
"""

from starlette.requests import Request
from starlette.types import ASGIApp

from beeldpas.database.engine import transaction
from beeldpas.formats.dicomjson import with_addresses
from beeldpas.formats.pieces import Pieces
from beeldpas.gateway.dicomweb import negotiation
from beeldpas.gateway.dicomweb.finding import find
from beeldpas.gateway.dicomweb.negotiation import JSON
from beeldpas.gateway.dicomweb.retrieve import body_answer
from beeldpas.gateway.index import model_of
from beeldpas.gateway.pump import Stored


async def metadata(request: Request) -> ASGIApp:
    """Give the headers of what a path names, as an array.

    Raises: Refused("invalid_token"); NotFound; Malformed("not_acceptable").
    """
    house, admission = await request.app.state.dicomweb.admissions.admit(request)
    found = await find(house, admission, request)
    negotiation.require_json(request)
    async with transaction(house.engine) as connection:
        models = await model_of(connection, [instance for _, instance in found.instances])
    base = house.settings.base_url
    addressed = (
        with_addresses(model, base + found.path(series, instance))
        for model, (series, instance) in zip(models, found.instances, strict=True)
    )
    array = f"[{','.join(addressed)}]".encode()
    return body_answer(house, admission, found, Pieces[Stored]([array]), JSON)
