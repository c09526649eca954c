"""What things look like to the policies: doors, a patient's history, shares, grants (see beeldpas.cedarschema)."""

from collections.abc import Iterable
from datetime import datetime

from beeldpas.domain.bsn import BSN
from beeldpas.policy.decision import Part
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.store.bulk_revocations import BulkRevocation
from beeldpas.portal.store.grants import StoredGrant
from beeldpas.portal.store.shares import StoredShare


def door(name: str) -> Part:
    """The patients', the care providers' or the staff's door."""
    return Part("Door", name)


def log() -> Part:
    """The portal's access log as a whole."""
    return Part("Log", "portal")


def history(patient: str) -> Part:
    """All studies, shares and log rows of one patient."""
    return Part("History", patient, {"owner": _patient(patient)})


def history_of(asker: Asker, bsn: BSN) -> Part:
    """The history of the person with this number: nobody's, unless the asker's own session vouches for it."""
    return history(asker.subject if asker.kind == "patient" and asker.bsn == bsn else "")


def share(stored: StoredShare, now: datetime, receivers: Iterable[str] = ()) -> Part:
    """A share at this moment; `receivers` are those who hold a grant of it."""
    return Part(
        "Share",
        stored.share_id,
        {
            "owner": _patient(stored.patient),
            "state": stored.state(now).value,
            "allow_self_declared": stored.allow_self_declared,
            "receivers": sorted(set(receivers)),
        },
    )


def grant(stored: StoredGrant, now: datetime) -> Part:
    """A grant at this moment."""
    return Part(
        "Grant",
        stored.grant.handle,
        {
            "gateway": {"type": "Gateway", "id": stored.grant.gateway_id},
            "receiver": stored.receiver_key,
            "state": stored.state(now),
        },
    )


def bulk_revocation(proposal: BulkRevocation, now: datetime) -> Part:
    """A revocation of many that waits for a second person."""
    proposed_by = {"type": "Staff", "id": proposal.proposed_by}
    return Part("BulkRevocation", proposal.number, {"proposed_by": proposed_by, "state": proposal.state(now)})


def _patient(subject: str) -> dict[str, str]:
    return {"type": "Patient", "id": subject}
