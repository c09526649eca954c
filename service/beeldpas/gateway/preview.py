"""The preview: exactly what would leave this hospital for a selection, signed, for the patient to confirm.

*Source:* docs/wire.md §1 (the question) and §3.
"""

import json
from typing import Any
from uuid import uuid4

from sqlalchemy import delete
from starlette.requests import Request
from starlette.responses import Response

from beeldpas.audit.event import Actor, Event
from beeldpas.audit.log import append
from beeldpas.database.engine import transaction
from beeldpas.database.once import insert_once
from beeldpas.domain.actions import Action
from beeldpas.domain.errors import Malformed, Refused
from beeldpas.domain.uid import is_uid
from beeldpas.formats import jose
from beeldpas.formats.question import Asked, read_question
from beeldpas.gateway import indexing
from beeldpas.gateway.holdings import HeldSeries, HeldStudy
from beeldpas.gateway.house import House
from beeldpas.gateway.index import held
from beeldpas.gateway.store import tables
from beeldpas.web.body import read_body

PREVIEW_TYPE = "preview+jwt"
_SECONDS = 300
_LARGEST_BODY = 100_000
_MOST_STUDIES = 500


async def preview(request: Request) -> Response:
    """Answer what is held of the studies asked for; what is withheld is as if it were not here.

    Raises: Refused("invalid_token") for a question that is no good, or was asked before; Malformed.
    """
    house: House = request.app.state.house
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Refused("invalid_token")
    now = house.clock()
    asked = read_question(token, askers=house.trust.askers, audience=house.settings.base_url, now=now)
    studies = await _studies(request)
    async with transaction(house.engine) as connection:
        await connection.execute(delete(tables.spent_question).where(tables.spent_question.c.expires_at < now))
        spent = {"jti": f"{asked.issuer} {asked.jti}"[:256], "expires_at": asked.expires_at}
        if not await insert_once(connection, tables.spent_question, spent, ["jti"]):
            raise Refused("invalid_token")
        found = await held(connection, studies)
        generation = await indexing.generation(connection)
        await append(connection, _event(house, asked, found))
    issued = int(now.timestamp())
    there = {study.uid for study in found}
    claims = {
        "iss": house.settings.base_url,
        "aud": asked.issuer,
        "iat": issued,
        "exp": issued + _SECONDS,
        "generation": generation,
        "studies": [_study(study) for study in found],
        "missing": [uid for uid in studies if uid not in there],
    }
    return Response(jose.sign(claims, typ=PREVIEW_TYPE, key=house.keys), media_type="application/jwt")


async def _studies(request: Request) -> list[str]:
    body = await read_body(request, _LARGEST_BODY)
    try:
        studies = json.loads(body)["studies"]
    except (ValueError, KeyError, TypeError) as error:
        raise Malformed("preview_request") from error
    if not isinstance(studies, list) or not 0 < len(studies) <= _MOST_STUDIES:
        raise Malformed("preview_request")
    if not all(isinstance(uid, str) and is_uid(uid) for uid in studies):
        raise Malformed("uid")
    return list(dict.fromkeys(studies))


def _event(house: House, asked: Asked, found: tuple[HeldStudy, ...]) -> Event:
    question = asked.question
    return Event(
        event_id=str(uuid4()),
        at=house.clock(),
        kind=Action.PREVIEW_SHARE,
        outcome="completed",
        actor=Actor(question.asker, question.subject, organisation=question.organisation, verified=True),
        source=house.settings.gateway_id,
        purpose=question.purpose,
        basis=question.basis,
        details={"studies": [study.uid for study in found], "hospitals": [house.settings.gateway_id]},
    )


def _study(study: HeldStudy) -> dict[str, Any]:
    reports = [instance for instance in study.instances if instance.report]
    return {
        "uid": study.uid,
        "instances": len(study.instances),
        "size_bytes": study.size_bytes,
        "series": [_series(series) for series in study.series],
        "reports": [
            {
                "kind": instance.report.kind,
                "title": instance.report.title,
                "sop_uid": instance.sop_uid,
                "size_bytes": instance.report.size_bytes,
            }
            for instance in reports
            if instance.report
        ],
        "identity": {
            "name": study.patient_name,
            "birth_date": study.birth_date.isoformat() if study.birth_date else None,
            "sex": study.sex,
            "patient_id": study.local_number,
            "patient_id_issuer": study.issuer,
        },
    }


def _series(series: HeldSeries) -> dict[str, Any]:
    return {
        "uid": series.uid,
        "number": series.number,
        "modality": series.modality,
        "description": series.description,
        "instances": len(series.instances),
        "size_bytes": series.size_bytes,
    }
