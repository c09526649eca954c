"""One record of every kind of event, with every field and detail filled in, as the log keeps it."""

from collections.abc import Mapping
from dataclasses import replace

from tests.cast import ANNA, DEKKER, NOW

from beeldpas.audit.event import Actor, Event, as_record
from beeldpas.audit.events import CATALOGUE, Reader, Shape
from beeldpas.audit.leaf import Json
from beeldpas.audit.log import visible

STUDIES = ("1.2.826.0.1.3680043.8.498.1", "1.2.826.0.1.3680043.8.498.2")
PATIENT = "k1:" + "ab" * 32
_VALUES: Mapping[str, Json] = {
    "studies": list(STUDIES),
    "hospitals": ["noord", "west"],
    "found": 3,
    "missing": ["zuid"],
    "bytes": 123456782,
    "phase": "ended",
    "jti": "3f2c0d1e",
    "count": 12,
}
# Details that a person writes.
_TYPED = frozenset({"for_whom", "why", "receiver", "note"})


def event_of(kind: str, outcome: str = "done") -> Event:
    """An event of this kind by a care provider at a known place, about Anna, with every detail there is."""
    name, organisation, ura = DEKKER
    actor = Actor("provider", "900021219", name, organisation, ura, True, ("01.015",), "198.51.100.7")
    if CATALOGUE[kind].shape in {Shape.LOGIN, Shape.LOGOUT}:
        actor = replace(actor, kind="patient", subject=PATIENT)
    details = {detail: _VALUES.get(detail, f"a {detail.replace('_', ' ')}") for detail in CATALOGUE[kind].details}
    return Event(
        event_id="0b8f3a52-6f0e-4a55-9a6e-2f1d6c2f9a11",
        at=NOW,
        kind=kind,
        outcome=outcome,
        reason="share_locked" if outcome == "refused" else "",
        policy="code-and-pin-open-a-share",
        actor=actor,
        patient=PATIENT,
        on_behalf="parent",
        purpose="TREAT",
        basis="share",
        share_id="7d0c",
        reference="K7P-4MX",
        details=details,
    )


def record_of(kind: str, reader: Reader = Reader.SECURITY, outcome: str = "done") -> dict[str, Json]:
    """What one reader sees of it."""
    return dict(visible(as_record(event_of(kind, outcome)), reader))


def careless(kind: str) -> Event:
    """The same by somebody who typed Anna's citizen service number wherever a person can type."""
    typed = f"Anna {ANNA.bsn.reveal()}, sorry"
    event = event_of(kind)
    details = {name: typed if name in _TYPED else value for name, value in event.details.items()}
    return replace(event, actor=replace(event.actor, name=typed, organisation=typed), details=details)
