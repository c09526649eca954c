"""What runs beside a program as long as it serves: an error that nobody foresaw does not end it for good.

Nobody would see that one of them had stopped: no share would be erased, no mail sent, no row get its place.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from beeldpas.web.errors import where

AGAIN_SECONDS = 1.0
log = structlog.get_logger()


async def steadily(name: str, work: Callable[[], Awaitable[object]]) -> None:
    """Do the work until it is done or cancelled; when it breaks, say so and begin it anew."""
    while True:
        try:
            await work()
            return
        except Exception as error:
            log.error("work_broke", work=name, kind=type(error).__name__, where=where(error))
        await asyncio.sleep(AGAIN_SECONDS)
