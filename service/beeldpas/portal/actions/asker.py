"""Who asks for an action: what the doors know of a person or program, and how policies, log and grants call it."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from beeldpas.audit.event import Actor
from beeldpas.domain.errors import Malformed
from beeldpas.domain.grant import Receiver
from beeldpas.policy.decision import Part

AskerKind = Literal["patient", "provider", "staff", "anyone", "gateway"]


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody at a door. `subject` is opaque: for a patient the keyed pseudonym of the BSN.

    `verified` says that an identity provider vouches for name and organisation. `session` names the visit
    without opening it; `address` is where the request came from.
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

    @property
    def receiver_key(self) -> str:
        """The name under which grants are held: a person (a care provider: at one organisation), or one visit.

        Who changes the workplace, or the organisation that they say they are of, is another receiver: what the
        patient gave to the first organisation does not come along.

        Raises: Malformed("session_ended") without a visit.
        """
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
            return Part("Patient", self.subject, {"receiver": self.receiver_key})
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
            subject=self.subject if self.verified or self.kind != "provider" else self.receiver_key,
            name=self.name,
            organisation=self.organisation,
            ura=self.ura,
            verified=self.verified,
            roles=tuple(sorted(self.roles)),
            address=self.address,
        )


def _loosely(name: str) -> str:
    return " ".join(name.casefold().split())[:200]
