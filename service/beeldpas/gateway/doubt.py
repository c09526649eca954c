"""The door to doubt: the portal says that other hospitals contradict this one about whose a study is.

By the word of more than one, or of the sign-in, the study is kept back from everybody until an administrator lifts
that; one word against another is written down for the administrator only, or any hospital could hide any other's.
*Source:* docs/wire.md §3.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from beeldpas.audit.log import append
from beeldpas.database.engine import transaction
from beeldpas.domain.errors import Malformed
from beeldpas.domain.identity import Attribute
from beeldpas.gateway import questions, releasing
from beeldpas.gateway.house import House
from beeldpas.gateway.release import Rule
from beeldpas.gateway.releasing import Kept
from beeldpas.gateway.store import tables

_MOST_SOURCES, _LONGEST_NAME = 100, 64


async def doubt(request: Request) -> Response:
    """Take a doubt; the answer is the same whether the study is here or not.

    Raises: Refused("invalid_token") for a question that is no good, or was asked before; Malformed.
    """
    house: House = request.app.state.house
    asked = questions.asked(house, request)
    body, studies = await questions.body_of(request, "doubt")
    outvoted, details = _read(body)
    now, source = house.clock(), house.settings.gateway_id
    async with transaction(house.engine) as connection:
        await questions.spend(connection, house, asked)
        here = await connection.execute(select(tables.study.c.uid).where(tables.study.c.uid.in_(studies)))
        for uid in sorted(here.scalars()):
            await append(connection, releasing.doubted(uid, details, asked.issuer, source, now))
            if outvoted:
                await releasing.keep_back(connection, Kept(uid, Rule.DOUBTED), source, now, by=asked.issuer)
    return Response(status_code=204)


def _read(body: Mapping[str, Any]) -> tuple[bool, dict[str, Any]]:
    outvoted, attribute, against = body.get("outvoted"), body.get("attribute"), body.get("against")
    names = against if isinstance(against, list) and 0 < len(against) <= _MOST_SOURCES else [None]
    fit = all(isinstance(name, str) and 0 < len(name) <= _LONGEST_NAME and name.isprintable() for name in names)
    if type(outvoted) is not bool or attribute not in [*Attribute] or not fit:
        raise Malformed("doubt")
    return outvoted, {"attribute": attribute, "against": names, "outvoted": outvoted}
