"""Code and PIN of a share that was just made: sealed in the session for fifteen minutes, then nowhere."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from beeldpas.domain.codes import PIN, ShareCode
from beeldpas.portal.actions.made_share import MadeShare
from beeldpas.portal.patient.door import PatientVisit

VISIBLE = timedelta(minutes=15)
_KEY, _LAST = "shown", "last_request"


@dataclass(frozen=True, slots=True)
class Shown:
    """What can still be seen, until when."""

    code: ShareCode
    pin: PIN
    until: datetime
    replaced: bool


async def keep(visit: PatientVisit, made: MadeShare, *, request_id: str = "", replaced: bool = False) -> None:
    """Keep code and PIN for a while; what is over is thrown away at the same time."""
    until = visit.now + VISIBLE
    entry = {
        "code": made.code.reveal(),
        "pin": made.pin.reveal(),
        "until": until.isoformat(),
        "replaced": replaced,
    }
    last = {_LAST: [request_id, made.share_id]} if request_id else {}
    await visit.keep(**{_KEY: {**_alive(visit), made.share_id: entry}, **last})


def of(visit: PatientVisit, share_id: str) -> Shown | None:
    """Return code and PIN of a share, or None when they cannot be seen any more."""
    entry = _alive(visit).get(share_id)
    if entry is None:
        return None
    until = datetime.fromisoformat(entry["until"])
    return Shown(ShareCode(entry["code"]), PIN(entry["pin"]), until, entry["replaced"])


async def hide(visit: PatientVisit, share_id: str) -> None:
    """Forget code and PIN of a share that was stopped."""
    await visit.keep(**{_KEY: {name: entry for name, entry in _alive(visit).items() if name != share_id}})


def last_request(visit: PatientVisit) -> tuple[str, str] | None:
    """Return the request that made the last share, and which share it made."""
    last = visit.values.get(_LAST)
    return (last[0], last[1]) if last else None


def _alive(visit: PatientVisit) -> dict[str, Any]:
    kept: dict[str, Any] = visit.values.get(_KEY, {})
    return {name: entry for name, entry in kept.items() if datetime.fromisoformat(entry["until"]) > visit.now}
