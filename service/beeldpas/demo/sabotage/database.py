"""Faults in the portal's database: triggers that take every spent PIN attempt back, or change a record of the log."""

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

_ALTER: Final = """
CREATE TRIGGER sabotage_log AFTER INSERT ON log_place WHEN NEW.place = 5
BEGIN
    UPDATE access_log SET record = replace(record, '"outcome":', '"outcome": ') WHERE row_id = NEW.row_id;
END
"""


def alter_log(database: Path) -> None:
    """Put what guards the log of a running portal out of the way, and change a record after it got its place."""
    with closing(sqlite3.connect(database, timeout=10)) as connection:
        connection.execute("DROP TRIGGER access_log_no_update")
        connection.execute(_ALTER)
        connection.commit()


def uncount_pins(database: Path) -> None:
    """Put the trigger into a running portal's SQLite database."""
    with closing(sqlite3.connect(database, timeout=10)) as connection:
        connection.execute(_TRIGGER)
        connection.commit()
