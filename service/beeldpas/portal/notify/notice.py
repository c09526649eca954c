"""What a patient can be told. A notice says that something happened and where to look; never what images there are.

It names no hospital, no organisation, no examination and no person: a mailbox is read by others too.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum, auto


class NoticeKind(StrEnum):
    """One kind of message; its texts stand in the catalogue under `mail.{kind}`."""

    VERIFY = auto()
    FIRST_USE = auto()
    WRONG_PINS = auto()
    LOCKED = auto()
    EXPIRING = auto()
    SECOND_ORGANISATION = auto()
    HELPDESK_SUSPENDED = auto()
    HELPDESK_RESUMED = auto()
    HELPDESK_REVOKED = auto()
    HELPDESK_UNLOCKED = auto()
    ALL_SUSPENDED = auto()


# What somebody else can bring about again and again is told once per share in this time.
QUIET = timedelta(hours=1)
REPEATABLE = frozenset({NoticeKind.WRONG_PINS, NoticeKind.LOCKED, NoticeKind.SECOND_ORGANISATION})


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told. `n` is a number for the text, `verified` says whether who used a share had signed in.

    `reason` is a key of the fixed list `mail.reason.{reason}` (asked, letter_lost, someone_else, checking,
    hospital_asked); never the words that an agent typed. `once` names what is told once ever, whoever asks again.
    """

    kind: NoticeKind
    n: int = 0
    verified: bool = False
    reason: str = ""
    once: str = ""
