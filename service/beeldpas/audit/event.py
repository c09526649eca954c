"""One entry of the access log: who did what, about whom, on what ground, and how it went.

*Source:* NEN 7513 (what, when, about whom, by whom, on whose behalf, why); RFC 3881 outcome.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from beeldpas.audit.leaf import Json

PORTAL = "portal"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acted. `subject` is opaque; `verified` says whether anybody checked `name` and `organisation`."""

    kind: str
    subject: str
    name: str = ""
    organisation: str = ""
    ura: str | None = None
    verified: bool = False
    roles: tuple[str, ...] = ()
    address: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """What happened. `kind` is a verb or a use that a hospital reported; `details` are those of the catalogue.

    `patient` is a keyed pseudonym; `source` is the portal or the gateway that reported; `policy` is the
    deciding policy; `on_behalf` is whom the actor stands in for.
    """

    event_id: str
    at: datetime
    kind: str
    outcome: str
    actor: Actor
    reason: str = ""
    policy: str = ""
    source: str = PORTAL
    patient: str | None = None
    on_behalf: str = ""
    purpose: str = ""
    basis: str = ""
    share_id: str | None = None
    reference: str | None = None
    details: Mapping[str, Json] = field(default_factory=dict)


def as_record(event: Event) -> dict[str, Json]:
    """Return the flat record that is stored and hashed; times to the microsecond, in UTC."""
    actor = event.actor
    return {
        "event_id": event.event_id,
        "at": event.at.isoformat(timespec="microseconds"),
        "kind": event.kind,
        "outcome": event.outcome,
        "reason": event.reason,
        "policy": event.policy,
        "source": event.source,
        "patient": event.patient,
        "on_behalf": event.on_behalf,
        "purpose": event.purpose,
        "basis": event.basis,
        "share_id": event.share_id,
        "reference": event.reference,
        "actor_kind": actor.kind,
        "actor": actor.subject,
        "name": actor.name,
        "organisation": actor.organisation,
        "ura": actor.ura,
        "verified": actor.verified,
        "roles": list(actor.roles),
        "address": actor.address,
        **event.details,
    }
