"""When a key may go: nothing stands under its names any more, by the word of the program whose names they are.

The process sees no table. So the program counts (`beeldpas portal names`, `beeldpas registry names`) and reports it;
a report must be younger than an hour, and so long after the newer key that no session of before is left.
"""

import json
from datetime import datetime, timedelta
from pathlib import Path

from beeldpas.pseudonyms.keys import KeyBook

YOUNGEST = timedelta(hours=1)
# Whoever signed in before the new key goes on under the old name for as long as a session may last.
LONGEST_SESSION = timedelta(hours=2)


def why_not(book: KeyBook, name: str, standing_file: Path, now: datetime) -> str:
    """Return why this key must stay, or ""."""
    followed_at = book.keys[book.names.index(name) - 1].made_at
    if now < followed_at + LONGEST_SESSION:
        return f"sessions of before its successor may last until {followed_at + LONGEST_SESSION:%H:%M} UTC"
    try:
        report = json.loads(standing_file.read_text(encoding="utf-8"))
        at, rows = datetime.fromisoformat(report["at"]), report["rows"]
    except (OSError, ValueError, KeyError, TypeError):
        return "the program has not reported how many rows stand under it"
    if now - at > YOUNGEST or at < followed_at + LONGEST_SESSION:
        return f"the last report is of {at:%Y-%m-%d %H:%M} UTC; let the program report anew"
    if name not in rows:
        return "the last report does not speak of it"
    return f"{rows[name]} rows stand under it" if rows[name] else ""
