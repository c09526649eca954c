"""Reading a signed question of the portal at one of the gateway's doors: who asks, once, and about which studies.

*Source:* docs/wire.md §1.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request

from beeldpas.database.once import insert_once
from beeldpas.domain.errors import Malformed, Refused
from beeldpas.domain.uid import is_uid
from beeldpas.formats.question import Asked, read_question
from beeldpas.gateway.house import House
from beeldpas.gateway.release import Onlooker
from beeldpas.gateway.store import tables
from beeldpas.web.body import read_body

_LARGEST_BODY = 100_000
_MOST_STUDIES = 500


def asked(house: House, request: Request) -> Asked:
    """Return the question of a request. Raises: Refused("invalid_token") for one that is no good."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Refused("invalid_token")
    return read_question(token, askers=house.trust.askers, audience=house.settings.base_url, now=house.clock())


def onlooker_of(asked: Asked, now: datetime) -> Onlooker:
    """Return for whom a question is answered: what a representative asks, or gave to somebody, is theirs."""
    question = asked.question
    by_patient = question.role if question.asker == "patient" else question.given_by
    return Onlooker.at(now, stands_in=by_patient != "patient")


async def spend(connection: AsyncConnection, house: House, question: Asked) -> None:
    """Let a question count once. Raises: Refused("invalid_token") when it was asked before."""
    table = tables.spent_question
    await connection.execute(delete(table).where(table.c.expires_at < house.clock()))
    spent = {"jti": f"{question.issuer} {question.jti}"[:256], "expires_at": question.expires_at}
    if not await insert_once(connection, table, spent, ["jti"]):
        raise Refused("invalid_token")


async def body_of(request: Request, reason: str) -> tuple[Mapping[str, Any], list[str]]:
    """Return the JSON body and the studies that it names, each once. Raises: Malformed(reason), ("uid")."""
    content = await read_body(request, _LARGEST_BODY)
    try:
        body = json.loads(content)
        studies = body["studies"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Malformed(reason) from error
    if not isinstance(studies, list) or not 0 < len(studies) <= _MOST_STUDIES:
        raise Malformed(reason)
    if not all(isinstance(uid, str) and is_uid(uid) for uid in studies):
        raise Malformed("uid")
    return body, list(dict.fromkeys(studies))


def confirmed_in(body: Mapping[str, Any]) -> int | None:
    """Return the generation that the patient confirmed, if the body names one. Raises: Malformed("confirmed")."""
    told = body.get("confirmed")
    if told is None:
        return None
    found = told.get("generation") if isinstance(told, dict) else None
    if type(found) is not int or not 0 <= found < 2**63:
        raise Malformed("confirmed")
    return found
