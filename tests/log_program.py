"""A program that does nothing but write its log and place it, as fast as it can, until it is killed.

python -m tests.log_program DATABASE_URL KEY_FILE
"""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from beeldpas.audit import log
from beeldpas.audit.checkpoint import LogKeys
from beeldpas.audit.event import Actor, Event
from beeldpas.audit.sequencer import Sequencer
from beeldpas.database.engine import open_engine, transaction
from beeldpas.formats.jose import load_keys

PORTAL = "https://portal.example"
DEKKER = Actor("provider", "visit:1", "Dr. D. Dekker", "Kliniek De Linde")


def event() -> Event:
    """Dr. Dekker looks at a share."""
    return Event(str(uuid4()), datetime.now(UTC), "view_share", "done", DEKKER, patient="p1.anna", share_id="s1")


async def main(url: str, key_file: Path) -> None:
    """Write and place; a line for every batch that has its places."""
    engine = open_engine(url)
    sequencer = Sequencer(engine, LogKeys.of(PORTAL, load_keys(key_file)), lambda: datetime.now(UTC), at_once=7)

    async def write() -> None:
        while True:
            async with transaction(engine) as connection:
                for _ in range(5):
                    await log.append(connection, event())

    async def place() -> None:
        while True:
            placed = await sequencer.place_waiting()
            if placed:
                print(placed, flush=True)  # noqa: T201  (whoever started it reads this)
            await asyncio.sleep(0)

    await asyncio.gather(write(), write(), place())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
