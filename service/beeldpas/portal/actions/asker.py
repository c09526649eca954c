"""Who asks for an action: what the doors know of a person or program, and how policies, log and grants call it."""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Literal

from beeldpas.audit.event import Actor
from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Malformed
from beeldpas.domain.grant import Receiver
from beeldpas.domain.representation import Relation
from beeldpas.policy.decision import Part

AskerKind = Literal["patient", "provider", "staff", "anyone", "gateway"]
_LONG_AGO = 10**9


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody at a door. `subject` is opaque: for a patient the keyed pseudonym of the BSN.

    `verified` says that an identity provider vouches for name and organisation. `session` names the visit
    without opening it; `address` is where the request came from. `known_as`: every name under which a patient's rows
    may stand, newest first. `bsn` is what a patient's session vouches for; it goes into no policy, log or grant.
    `born` is the fingerprint of the patient's birth date as the sign-in told it, or empty.

    Who stands in for a patient asks as that patient (`subject`): `acting` is then the pseudonym of who signed in,
    `relation` on what ground (`parent`, `mandate`), `age_class` the patient's, today. `authenticated_at` is when
    staff last proved who they are, which may be before this visit.
    """

    kind: AskerKind
    subject: str
    name: str
    organisation: str
    ura: str | None
    verified: bool
    roles: frozenset[str]
    session: str
    language: str
    address: str = ""
    known_as: tuple[str, ...] = ()
    bsn: BSN | None = field(default=None, repr=False)
    born: str = field(default="", repr=False)
    acting: str = ""
    relation: str = ""
    age_class: str = ""
    authenticated_at: datetime | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Every name under which rows about this asker may stand; the newest, `subject`, comes first."""
        return self.known_as or (self.subject,)

    def authenticated_seconds(self, now: datetime) -> int:
        """Return how long ago they proved who they are; very long when nobody says."""
        return _LONG_AGO if self.authenticated_at is None else int((now - self.authenticated_at).total_seconds())

    @property
    def receiver_key(self) -> str:
        """The name under which grants are held: a person (a care provider: at one organisation), or one visit.

        Who changes the workplace, or the organisation that they say they are of, is another receiver: what the
        patient gave to the first organisation does not come along.

        Raises: Malformed("session_ended") without a visit.
        """
        if self.acting:
            return f"{self.relation}:{self.acting}@{sha256(self.subject.encode()).hexdigest()[:16]}"
        if self.kind != "provider":
            return f"{self.kind}:{self.subject}"
        if not self.verified and not self.session:
            raise Malformed("session_ended")  # or all strangers would be one receiver
        person = f"provider:{self.subject}" if self.verified else f"visit:{self.session}"
        return f"{person}@{sha256(self.organisation_key.encode()).hexdigest()[:16]}"

    @property
    def organisation_key(self) -> str:
        """What makes two organisations the same: a checked URA, or the name as it was typed, loosely."""
        if self.verified:
            return f"ura:{self.ura}" if self.ura else f"verified:{_loosely(self.organisation)}"
        return f"declared:{_loosely(self.organisation)}"

    def as_receiver(self) -> Receiver:
        """Return who will hold the images, as the gateway is told."""
        if self.kind == "patient":
            return Receiver("patient", self.name, "")
        kind: Literal["verified", "self-declared"] = "verified" if self.verified else "self-declared"
        return Receiver(kind, self.name, self.organisation, self.ura if self.verified else None)

    def as_subject(self) -> Part:
        """Return what policies may know."""
        if self.kind == "patient":
            standing_in = {"relation": self.relation, "age": self.age_class} if self.acting else {}
            return Part("Patient", self.subject, {"receiver": self.receiver_key, **standing_in})
        if self.kind == "provider":
            facts = {"receiver": self.receiver_key, "verified": self.verified}
            return Part("Provider", self.receiver_key, facts)
        if self.kind == "staff":
            return Part("Staff", self.subject, {"roles": sorted(self.roles)})
        return Part("Gateway" if self.kind == "gateway" else "Visitor", self.subject)

    def as_actor(self) -> Actor:
        """Return what the access log says of who acted."""
        return Actor(
            kind=self.kind,
            subject=self._who_acted(),
            name=self.name,
            organisation=self.organisation,
            ura=self.ura,
            verified=self.verified,
            roles=tuple(sorted(self.roles)),
            address=self.address,
        )

    def _who_acted(self) -> str:
        if self.kind == "provider" and not self.verified:
            return self.receiver_key
        return self.acting or self.subject


def relation_in(receiver_key: str) -> str:
    """Return on what ground the holder of a grant stands in for the patient; "" for everybody else."""
    kind = receiver_key.partition(":")[0]
    return kind if kind in [*Relation] else ""


def _loosely(name: str) -> str:
    return " ".join(name.casefold().split())[:200]
