"""Compares three accounts of the same downloads: the hospitals' logs, the patient's log, and the check's own.

An event is one line; a download has two, one when it began and one when it ended.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from beeldpas.demo.check.stage import Use

_KINDS: Final = frozenset({"download", "retrieve"})


@dataclass(frozen=True, slots=True)
class Noted:
    """One use event as a log has it."""

    event_id: str
    gateway: str
    kind: str
    phase: str
    outcome: str
    size: int


def noted(lines: Iterable[Mapping[str, Any]], gateway: str = "") -> list[Noted]:
    """Pick the use events out of a log; a hospital's own log does not name the hospital."""
    return [_noted(line, gateway) for line in lines if _kind(line) in _KINDS]


def differences(hospitals: Sequence[Noted], patient: Sequence[Noted], own: Sequence[Use]) -> list[str]:
    """Say in what the three accounts differ; nothing when each event has its one counterpart everywhere."""
    found = _unpaired(hospitals, patient)
    for gateway in sorted({event.gateway for event in hospitals} | {use.gateway for use in own}):
        ended = [event for event in hospitals if event.gateway == gateway and event.phase == "ended"]
        began = [event for event in hospitals if event.gateway == gateway and event.phase == "started"]
        mine = [use for use in own if use.gateway == gateway]
        if len(began) != sum(1 for event in ended if event.kind == "download"):
            found.append(f"{gateway}: {len(began)} downloads began")
        found += _against_own(gateway, ended, mine)
    return found


def _unpaired(hospitals: Sequence[Noted], patient: Sequence[Noted]) -> list[str]:
    left = {event.event_id: event for event in hospitals}
    right = {event.event_id: event for event in patient}
    found = [f"{event.gateway}: not in the patient's log" for key, event in left.items() if key not in right]
    found += [f"{event.gateway}: not in the hospital's log" for key, event in right.items() if key not in left]
    found += [f"{event.gateway}: told differently" for key, event in left.items() if right.get(key, event) != event]
    if len(left) != len(hospitals) or len(right) != len(patient):
        found.append("an event stands twice")
    return found


def _against_own(gateway: str, ended: Sequence[Noted], mine: Sequence[Use]) -> list[str]:
    """Pair what the hospital noted with what the check received, the narrowest first."""
    left = list(ended)
    found = []
    for use in sorted(mine, key=lambda one: one.most is None):
        match = next((event for event in left if _fits(event, use)), None)
        if match is None:
            found.append(f"{gateway}: a use that the check made is not there ({use.outcome}, {use.least:,} bytes)")
        else:
            left.remove(match)
    return found + [f"{gateway}: a use that the check did not make" for _ in left]


def _fits(event: Noted, use: Use) -> bool:
    return event.outcome == use.outcome and use.least <= event.size and (use.most is None or event.size <= use.most)


def _kind(line: Mapping[str, Any]) -> str:
    return str(line.get("kind") or line.get("action"))


def _noted(line: Mapping[str, Any], gateway: str) -> Noted:
    what = line.get("what") or line
    return Noted(
        event_id=str(line["event_id"]),
        gateway=gateway or str(line["source"]),
        kind=_kind(line),
        phase=str(what["phase"]),
        outcome=str(line["outcome"]),
        size=int(line.get("bytes") or 0),
    )
