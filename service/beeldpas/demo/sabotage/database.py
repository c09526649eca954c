"""A fault in the portal's database: a trigger that takes every spent PIN attempt back."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

_TRIGGER: Final = """
CREATE TRIGGER IF NOT EXISTS sabotage_pin AFTER UPDATE OF attempts_spent ON share
WHEN NEW.attempts_spent > OLD.attempts_spent
BEGIN
    UPDATE share SET attempts_spent = OLD.attempts_spent WHERE share_id = NEW.share_id;
END
"""


def uncount_pins(database: Path) -> None:
    """Put the trigger into a running portal's SQLite database."""
    with closing(sqlite3.connect(database, timeout=10)) as connection:
        connection.execute(_TRIGGER)
        connection.commit()
