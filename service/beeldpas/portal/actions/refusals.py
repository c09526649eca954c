"""What the sentence of a refusal names beside its key: a date, a number."""

from beeldpas.portal.actions.frame import Refusal
from beeldpas.portal.store.shares import StoredShare


def explain(refusal: Refusal, share: StoredShare) -> Refusal:
    """Add the day on which the share ended (ISO 8601), or how many attempts a share has."""
    if refusal.reason == "share_expired":
        return Refusal(refusal.reason, {"date": share.expires_at.isoformat()})
    if refusal.reason == "share_locked":
        return Refusal(refusal.reason, {"n": share.most_attempts})
    return refusal
