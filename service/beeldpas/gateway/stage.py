"""The door to staging: the portal says what was shared and until when, and learns how far it is.

*Source:* docs/wire.md §1 (the question) and §3 (staging).
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import Malformed
from beeldpas.formats import jose
from beeldpas.gateway import questions
from beeldpas.gateway.house import House
from beeldpas.gateway.pacs import holds

STAGING_TYPE = "staging+jwt"
_SECONDS = 300
_LONGEST_HOLD = timedelta(days=400)
_LONGEST_ID = 64


async def stage(request: Request) -> Response:
    """Keep a hold, and answer how far each study is.

    Raises: Refused("invalid_token") for a question that is no good, or was asked before; Malformed.
    """
    house: House = request.app.state.house
    question = questions.asked(house, request)
    body, studies = await questions.body_of(request, "staging_request")
    now = house.clock()
    hold_id, until = _hold(body), min(_until(body), now + _LONGEST_HOLD)
    async with transaction(house.engine) as connection:
        await questions.spend(connection, house, question)
        found = await holds.put(
            connection, (question.issuer, hold_id), studies, until, now, questions.onlooker_of(question, now)
        )
    issued = int(now.timestamp())
    claims = {
        "iss": house.settings.base_url,
        "aud": question.issuer,
        "iat": issued,
        "exp": issued + _SECONDS,
        "studies": [
            {"uid": one.uid, "state": one.state, "instances": one.instances, "fetched": one.fetched} for one in found
        ],
    }
    token = jose.sign(claims, typ=STAGING_TYPE, key=house.keys)
    return Response(token, 202, media_type="application/jwt")


def _hold(body: Mapping[str, Any]) -> str:
    hold_id = body.get("hold")
    if not isinstance(hold_id, str) or not 0 < len(hold_id) <= _LONGEST_ID or not hold_id.isprintable():
        raise Malformed("staging_request")
    return hold_id


def _until(body: Mapping[str, Any]) -> datetime:
    until = body.get("until")
    if type(until) is not int:
        raise Malformed("staging_request")
    try:
        return datetime.fromtimestamp(until, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Malformed("staging_request") from error
