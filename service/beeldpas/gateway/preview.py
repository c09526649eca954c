"""The preview: exactly what would leave this hospital for a selection, signed, for the patient to confirm.

*Source:* docs/wire.md §1 (the question) and §3.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from beeldpas.audit.event import Actor, Event
from beeldpas.audit.log import append
from beeldpas.database.engine import transaction
from beeldpas.domain.actions import Action
from beeldpas.formats import jose
from beeldpas.formats.dicom import Identity
from beeldpas.formats.question import Asked
from beeldpas.gateway import changes, indexing, questions
from beeldpas.gateway.amendments import replaced
from beeldpas.gateway.changes import StudyChanges
from beeldpas.gateway.holdings import HeldSeries, HeldStudy
from beeldpas.gateway.house import House
from beeldpas.gateway.index import held
from beeldpas.gateway.pacs import catalogue, holds
from beeldpas.gateway.pacs.port import RemoteSeries, RemoteStudy
from beeldpas.gateway.release import Onlooker

PREVIEW_TYPE = "preview+jwt"
_SECONDS = 300


async def preview(request: Request) -> Response:
    """Answer what is held of the studies asked for; what is withheld is as if it were not here.

    Raises: Refused("invalid_token") for a question that is no good, or was asked before; Malformed.
    """
    house: House = request.app.state.house
    asked = questions.asked(house, request)
    now = house.clock()
    body, studies = await questions.body_of(request, "preview_request")
    confirmed = questions.confirmed_in(body)
    async with transaction(house.engine) as connection:
        await questions.spend(connection, house, asked)
        generation = await indexing.generation(connection)
        hidden = await _hidden(connection, studies, confirmed)
        onlooker = questions.onlooker_of(asked, now)
        found, remote = await _lookup(connection, [uid for uid in studies if uid not in hidden], onlooker)
        if confirmed is not None:
            await _add_changes(connection, found, confirmed, generation, onlooker)
        there = [study["uid"] for study in (*found, *remote)]
        await append(connection, _event(house, asked, there))
    issued = int(now.timestamp())
    claims = {
        "iss": house.settings.base_url,
        "aud": asked.issuer,
        "iat": issued,
        "exp": issued + _SECONDS,
        "generation": generation,
        "studies": [*found, *remote],
        "missing": [uid for uid in studies if uid not in there],
    }
    return Response(jose.sign(claims, typ=PREVIEW_TYPE, key=house.keys), media_type="application/jwt")


async def _hidden(connection: AsyncConnection, uids: list[str], confirmed: int | None) -> frozenset[str]:
    """Return which studies are another patient's now than the one who asks, or confirmed, believes."""
    untold = await changes.not_told(connection, uids)
    return untold if confirmed is None else untold | await changes.not_for(connection, uids, confirmed)


async def _add_changes(
    connection: AsyncConnection, found: list[dict[str, Any]], confirmed: int, now: int, onlooker: Onlooker
) -> None:
    """Say of each study how much changed since the generation that the patient confirmed."""
    told = await changes.since(connection, [study["uid"] for study in found], confirmed, now, onlooker)
    if told is None:
        return
    by_study = {one.study_uid: one for one in told}
    for study in found:
        one = by_study.get(study["uid"], StudyChanges(study["uid"]))
        counts = {"added": len(one.added), "withdrawn": one.withdrawn, "corrected": len(one.corrected)}
        study["changed"] = counts | {"amended": len(one.amended)}


async def _lookup(
    connection: AsyncConnection, uids: list[str], onlooker: Onlooker
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return what is held, and what the hospital's PACS has; of that, no size is known."""
    late = {one.uid for one in await holds.unfinished(connection, uids, onlooker)}
    here = await held(connection, [uid for uid in uids if uid not in late], onlooker)
    newer = await replaced(connection, [study.uid for study in here], onlooker)
    listed = await catalogue.shown(connection, late, onlooker)
    series = await catalogue.series_of(connection, late, onlooker)
    return [_study(study, newer) for study in here], [_remote(study, issuer, series) for study, issuer, _ in listed]


def _event(house: House, asked: Asked, there: list[str]) -> Event:
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
        details={"studies": there, "hospitals": [house.settings.gateway_id]},
    )


def _study(study: HeldStudy, newer: Mapping[str, str]) -> dict[str, Any]:
    reports = [(series, one) for series in study.series for one in series.instances if one.report]
    return {
        "uid": study.uid,
        "state": "held",
        "instances": len(study.instances),
        "size_bytes": study.size_bytes,
        "series": [_series(series) for series in study.series],
        "reports": [
            {
                "kind": instance.report.kind,
                "title": instance.report.title,
                "sop_uid": instance.sop_uid,
                "series_uid": series.uid,
                "size_bytes": instance.report.size_bytes,
                "replaced_by": newer.get(instance.sop_uid),
            }
            for series, instance in reports
            if instance.report
        ],
        "identity": _identity(
            Identity(study.local_number, study.issuer, study.patient_name, study.birth_date, study.sex)
        ),
    }


def _remote(study: RemoteStudy, issuer: str, series: Mapping[str, list[RemoteSeries]]) -> dict[str, Any]:
    return {
        "uid": study.uid,
        "state": "remote",
        "instances": study.instances,
        "size_bytes": None,
        "series": [
            {
                "uid": one.uid,
                "number": one.number,
                "modality": one.modality,
                "description": one.description,
                "instances": one.instances,
                "size_bytes": None,
            }
            for one in series[study.uid]
        ],
        "reports": [],
        "identity": _identity(replace(study.identity, issuer=issuer)),
    }


def _identity(person: Identity) -> dict[str, Any]:
    return {
        "name": person.name,
        "birth_date": person.birth_date.isoformat() if person.birth_date else None,
        "sex": person.sex,
        "patient_id": person.patient_id,
        "patient_id_issuer": person.issuer,
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
