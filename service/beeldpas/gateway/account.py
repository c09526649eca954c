"""What one lease uses now: its connections, and its bytes of the quota."""

from dataclasses import dataclass
from datetime import datetime, timedelta

KEPT = timedelta(seconds=60)


@dataclass(slots=True, eq=False)
class Account:
    """What one lease uses now: bytes sent so far (of `quota` at most) and answers that run."""

    lease_id: str
    grant: tuple[str, str]
    ends_at: datetime
    seen_at: datetime
    sent: int = 0
    noted: int = 0
    quota: int = 0
    running: int = 0

    def keeps_its_place(self, now: datetime) -> bool:
        """Say whether an answer of it runs, or ran lately."""
        return self.running > 0 or now - self.seen_at < KEPT

    @property
    def is_used_up(self) -> bool:
        """Say whether more was sent than a receiver can need."""
        return self.sent > self.quota
