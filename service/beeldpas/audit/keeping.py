"""What runs beside a program for the sake of its log: places are given, and what is past its term is erased."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from beeldpas.audit.checkpoint import LogKeys
from beeldpas.audit.erasure import Erasure
from beeldpas.audit.sequencer import Sequencer


async def keep_log(
    engine: AsyncEngine, keys: LogKeys, source: str, years: int, clock: Callable[[], datetime]
) -> None:
    """Sequence and erase until cancelled, or until one of them breaks: then neither goes on by itself."""
    sequencer, erasure = Sequencer(engine, keys, clock), Erasure(engine, source, years, clock)
    async with asyncio.TaskGroup() as work:
        work.create_task(sequencer.run())
        work.create_task(erasure.run())
