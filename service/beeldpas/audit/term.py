"""How long a record of the log is kept: 5 to 20 years, by setting.

*Source:* Wabvpz art. 15e with NEN 7513 (five years at least), Dutch law on medical files (twenty years).
"""

from datetime import UTC, datetime

SHORTEST_YEARS, LONGEST_YEARS = 5, 20


def term(now: datetime, years: int) -> datetime:
    """Return the moment so many years ago; of the 29th of February, the 28th."""
    now = now.astimezone(UTC)
    day = 28 if (now.month, now.day) == (2, 29) else now.day
    return now.replace(year=now.year - years, day=day)
