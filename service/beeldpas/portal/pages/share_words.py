"""Where a share stands, in one short phrase, the same for patient and helpdesk."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from beeldpas.domain.share import ShareState
from beeldpas.portal.words.voice import Voice

_SOON = timedelta(days=2)


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
    if state is ShareState.LOCKED:
        return ShareWords(t("share_state.locked"), "attention", True)
    if is_waiting:
        return ShareWords(t("share_state.waiting"), "attention", True)
    if expires_at - now <= _SOON:
        days = max(1, -((now - expires_at) // timedelta(days=1)))
        ends = say.t.many("share_state.ends", days, date=say.last_day(expires_at))
        return ShareWords(ends, "attention", True)
    if is_used is None:
        return ShareWords(t("share_state.live"), "good", True)
    if organisation:
        return ShareWords(t("share_state.used", organisation=organisation), "good", True)
    return ShareWords(t("share_state.unused"), "", True)
