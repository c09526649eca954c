"""A share: the patient's permission for a time, and what state it is in."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum, auto
from typing import Self
from zoneinfo import ZoneInfo

from beeldpas.domain.consent import text_name
from beeldpas.domain.errors import Malformed

MAX_ATTEMPTS = 10
UNLOCK_ATTEMPTS = 3  # what the helpdesk may add, once per code
SHORTEST_DAYS, DEFAULT_DAYS, LONGEST_DAYS = 1, 14, 30
LANGUAGES = ("nl", "en")
HERE = ZoneInfo("Europe/Amsterdam")
_FOR_WHOM_LENGTH, _NOTE_LENGTH = 120, 500


class ShareState(StrEnum):
    """One word for where a share stands; the worst of what is true."""

    LIVE = auto()
    LOCKED = auto()
    SUSPENDED = auto()
    EXPIRED = auto()
    REVOKED = auto()


@dataclass(frozen=True, slots=True)
class ShareTerms:
    """What the patient chose beside the studies: for whom in words, how long, in which language.

    `consent` names the text that was agreed to (see `consent.py`).
    """

    for_whom: str
    days: int = DEFAULT_DAYS
    language: str = "nl"
    allow_self_declared: bool = True
    note: str = ""
    consent: str = text_name("nl")

    @classmethod
    def parse(cls, *, for_whom: str, days: str, language: str, allow_self_declared: bool, note: str = "") -> Self:
        """Read the form.

        Raises: Malformed("share_for_whom_missing" | "share_date_out_of_range" | "text_too_long"
            | "language").
        """
        whom = " ".join(for_whom.split())
        if not whom:
            raise Malformed("share_for_whom_missing")
        if len(whom) > _FOR_WHOM_LENGTH or len(note) > _NOTE_LENGTH:
            raise Malformed(
                "text_too_long", {"n": _FOR_WHOM_LENGTH if len(whom) > _FOR_WHOM_LENGTH else _NOTE_LENGTH}
            )
        if language not in LANGUAGES:
            raise Malformed("language")
        return cls(whom, parse_days(days), language, allow_self_declared, note.strip())


def parse_days(text: str) -> int:
    """Read 1 to 30 days; empty is the default. Raises: Malformed("share_date_out_of_range")."""
    stripped = text.strip() or str(DEFAULT_DAYS)
    if not (stripped.isascii() and stripped.isdigit() and len(stripped) <= 3):
        raise Malformed("share_date_out_of_range")
    days = int(stripped)
    if not SHORTEST_DAYS <= days <= LONGEST_DAYS:
        raise Malformed("share_date_out_of_range")
    return days


def end_after(start: datetime, days: int) -> datetime:
    """Return when a right ends that lasts "until and including" the day so many days from `start`.

    People are told a day; so it ends when that day is over in the Netherlands, never in the middle of it.
    """
    last_day = start.astimezone(HERE).date() + timedelta(days=days)
    return datetime.combine(last_day + timedelta(days=1), time.min, HERE).astimezone(UTC)


def last_day(end: datetime) -> date:
    """Return the last day on which a right that ends at this moment can be used."""
    return (end - timedelta(microseconds=1)).astimezone(HERE).date()


def days_to(now: datetime, day: date) -> int:
    """Return how many days after today a day is, in the Netherlands; less than nothing for one that is over."""
    return (day - now.astimezone(HERE).date()).days


def days_lasting(start: datetime, end: datetime) -> int:
    """Return how many days after the day of `start` the last day is."""
    return (last_day(end) - start.astimezone(HERE).date()).days


def attempts_of(extra_attempts: int) -> int:
    """Return how many wrong PINs a code bears in its life: ten, or thirteen when the helpdesk unlocked it once."""
    return MAX_ATTEMPTS + extra_attempts


def state_of(
    *,
    expires_at: datetime,
    revoked_at: datetime | None,
    attempts_spent: int,
    now: datetime,
    suspended_at: datetime | None = None,
    extra_attempts: int = 0,
) -> ShareState:
    """Say where a share stands at this moment: revoked beats expired beats suspended beats locked.

    A suspended share still ends on its day: a suspension that nobody lifts lasts until then, and opens nothing.
    """
    if revoked_at is not None:
        return ShareState.REVOKED
    if now >= expires_at:
        return ShareState.EXPIRED
    if suspended_at is not None:
        return ShareState.SUSPENDED
    if attempts_spent >= attempts_of(extra_attempts):
        return ShareState.LOCKED
    return ShareState.LIVE
