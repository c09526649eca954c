"""How long a visit lasts if nothing happens, and when it is time to warn."""

from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Self

from beeldpas.portal.pages.language import address
from beeldpas.portal.pages.states import Door
from beeldpas.web.sessions import WARNING, Session

PREFIXES: dict[Door, str] = {"patient": "", "provider": "/provider", "helpdesk": "/helpdesk"}
WARNING_SECONDS = int(WARNING.total_seconds())


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """So many seconds until `ends_at`; `can_stay` is false when two hours end the visit anyway."""

    seconds: int
    ends_at: datetime
    can_stay: bool

    @classmethod
    def of(cls, session: Session, now: datetime) -> Self:
        """Look at a session that is alive."""
        ends_at = session.ends_at()
        seconds = max(0, ceil((ends_at - now).total_seconds()))
        return cls(seconds, ends_at, session.last_moment() > ends_at)

    @property
    def is_short(self) -> bool:
        """Say whether it is time to warn."""
        return self.seconds <= WARNING_SECONDS

    @property
    def pause(self) -> int:
        """Return after how many seconds there is something new to say."""
        return self.seconds + 1 if self.is_short else self.seconds - WARNING_SECONDS


@dataclass(frozen=True, slots=True)
class Staying:
    """What a page needs to warn: the addresses begin with `root`."""

    root: str
    left: TimeLeft
    warning_seconds: int = WARNING_SECONDS

    @classmethod
    def of(cls, session: Session, door: Door, language: str, now: datetime) -> Self:
        """Describe the visit of somebody who is signed in."""
        return cls(address(language, f"{PREFIXES[door]}/session/"), TimeLeft.of(session, now))
