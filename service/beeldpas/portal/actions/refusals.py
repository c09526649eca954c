"""What the sentence of a refusal names beside its key: a date, a number, at whose word."""

from beeldpas.portal.actions.frame import Refusal
from beeldpas.portal.store.shares import StoredShare

# A care provider hears who wanted a pause, not what the caller told: that a letter is lost is not theirs to know.
_AT_WHOSE_WORD = {
    "asked": "patient",
    "lost": "caller",
    "other_had_code": "caller",
    "everything": "caller",
    "hospital_asked": "hospital",
}


def explain(refusal: Refusal, share: StoredShare) -> Refusal:
    """Add the day on which the share ended (ISO 8601), how many attempts a share has, or why it was paused."""
    if refusal.reason == "share_expired":
        return Refusal(refusal.reason, {"date": share.expires_at.isoformat()})
    if refusal.reason == "share_locked":
        return Refusal(refusal.reason, {"n": share.most_attempts})
    if refusal.reason == "share_suspended":
        return Refusal(refusal.reason, {"paused": _AT_WHOSE_WORD.get(share.suspended_why or "", "")})
    return refusal
