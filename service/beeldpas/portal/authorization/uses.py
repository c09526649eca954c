"""Where gateways report what they served. The report is signed; each of its events is taken or refused by itself.

A report that is sent again is harmless, since events are stored by their ids: no `jti` is kept for it.
*Source:* docs/wire.md §6.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from beeldpas.audit.events import Use
from beeldpas.domain.errors import BeeldpasError, Malformed, Refused
from beeldpas.domain.uid import is_uid
from beeldpas.formats import jose
from beeldpas.portal.actions.record_use import UseReport, record_use
from beeldpas.portal.authorization.client import clients_of, hospital_at
from beeldpas.portal.directory import Hospital
from beeldpas.portal.house import House
from beeldpas.web.body import read_body
from beeldpas.web.errors import problem_response

USES_TYPE = "uses+jwt"
_MEDIA_TYPE = "application/jose"
_LARGEST = 1024 * 1024
_MOST_EVENTS = 1000
_LIFETIME = timedelta(seconds=60)
# When it was decides when it is erased: no hospital makes a line that is past its term when it comes, or never.
_LATEST, _AHEAD = timedelta(days=90), timedelta(days=1)
_PHASES = frozenset({"started", "ended"})
_OUTCOMES = frozenset({"running", "completed", "cut", "revoked"})


async def uses(request: Request) -> Response:
    """Take a report: which of its events are stored now, and which never will be."""
    house: House = request.app.state.house
    try:
        hospital, events = _verified(house, await _body(request))
        await house.limits.spend("uses", house.settings.limits.uses, hospital.base_url)
        reports, unreadable = _read_all(events, house.clock())
        recorded = await record_use(house, hospital, reports) if reports else None
    except BeeldpasError as error:
        return problem_response(error)
    stored = recorded.stored if recorded else ()
    refused = recorded.refused if recorded else ()
    return JSONResponse({"stored": list(stored), "refused": [*refused, *unreadable]})


async def _body(request: Request) -> str:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _MEDIA_TYPE:
        raise Malformed("media_type")
    try:
        return (await read_body(request, _LARGEST)).decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise Refused("invalid_token") from error


def _verified(house: House, message: str) -> tuple[Hospital, list[Any]]:
    """Return who reports, and the events. Raises: Refused("invalid_token"), Malformed("uses")."""
    issuer, clients = jose.unverified_issuer(message), clients_of(house)
    if issuer not in clients:
        raise Refused("invalid_token")
    claims = jose.verify(
        message,
        typ=USES_TYPE,
        keys=clients[issuer],
        issuer=issuer,
        audience=house.settings.base_url,
        now=house.clock(),
    )
    if claims["exp"] - claims["iat"] > _LIFETIME.total_seconds():
        raise Refused("invalid_token")
    events = claims.get("events")
    if not isinstance(events, list) or not 0 < len(events) <= _MOST_EVENTS:
        raise Malformed("uses")
    return hospital_at(house, issuer), events


def _read_all(events: list[Any], now: datetime) -> tuple[list[UseReport], list[str]]:
    """Return what can be read, and the ids of what cannot. Raises: Malformed("uses") for an event without id."""
    reports, unreadable = [], []
    for event in events:
        event_id = _event_id(event)
        try:
            reports.append(_read(event_id, event, now))
        except (KeyError, TypeError, ValueError, OverflowError):
            unreadable.append(event_id)
    return reports, unreadable


def _event_id(event: Any) -> str:
    try:
        event_id = str(UUID(event["event_id"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Malformed("uses") from error
    if event_id != event["event_id"]:
        raise Malformed("uses")  # one way to write an id, or the two logs would not match
    return event_id


def _read(event_id: str, event: Mapping[str, Any], now: datetime) -> UseReport:
    studies, size = event["studies"], event["bytes"]
    at = datetime.fromisoformat(event["at"])
    plausible = (
        isinstance(studies, list)
        and all(isinstance(uid, str) and is_uid(uid) for uid in studies)
        and type(size) is int
        and size >= 0
        and event["phase"] in _PHASES
        and event["outcome"] in _OUTCOMES
        and at.tzinfo is not None
        and now - _LATEST <= at <= now + _AHEAD
    )
    if not plausible:
        raise ValueError("not an event of docs/wire.md")
    return UseReport(
        event_id=event_id,
        grant=str(event["grant"]),
        use=Use(event["kind"]),
        phase=event["phase"],
        studies=tuple(studies),
        bytes=size,
        outcome=event["outcome"],
        at=at.astimezone(UTC),
    )
