"""Where a share stands, in one short phrase, the same for patient and helpdesk."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from beeldpas.domain.share import ShareState
from beeldpas.portal.words.voice import Voice

_SOON = timedelta(days=2)
_HELD_UP = {ShareState.SUSPENDED: "share_state.paused", ShareState.LOCKED: "share_state.locked"}
_WAITING = "share_state.waiting"


@dataclass(frozen=True, slots=True)
class ShareWords:
    """The phrase, the look of its tag, and whether there is anything left to stop."""

    text: str
    kind: str
    can_stop: bool


def share_words(
    say: Voice,
    *,
    state: ShareState,
    now: datetime,
    expires_at: datetime,
    revoked_at: datetime | None = None,
    organisation: str | None = None,
    is_waiting: bool = False,
    is_used: bool | None = None,
) -> ShareWords:
    """Say it. `is_used` is None where the reader is not told by whom (the helpdesk)."""
    t = say.t
    if state is ShareState.REVOKED:
        text = t("share_state.revoked_on", date=say.date(revoked_at)) if revoked_at else t("share_state.revoked")
        return ShareWords(text, "quiet", False)
    if state is ShareState.EXPIRED:
        return ShareWords(t("share_state.expired", date=say.last_day(expires_at)), "quiet", False)
    if held := _HELD_UP.get(state, _WAITING if is_waiting else ""):
        return ShareWords(t(held), "attention", True)
    if expires_at - now <= _SOON:
        days = max(1, -((now - expires_at) // timedelta(days=1)))
        ends = say.t.many("share_state.ends", days, date=say.last_day(expires_at))
        return ShareWords(ends, "attention", True)
    if is_used is None:
        return ShareWords(t("share_state.live"), "good", True)
    if organisation:
        return ShareWords(t("share_state.used", organisation=organisation), "good", True)
    return ShareWords(t("share_state.unused"), "", True)


def reason_words(say: Voice, why: str) -> str:
    """Say a reason of the helpdesk's list; one of another time as it was written."""
    key = f"stop_reason.{why}"
    return say.t(key) if why and say.t.knows(key) else why


def reason_for_patient(say: Voice, why: str) -> str:
    """Say the same to the patient whom it is about: "you", where the agent reads "the patient"."""
    key = f"your_reason.{why}"
    return say.t(key) if why and say.t.knows(key) else reason_words(say, why)
