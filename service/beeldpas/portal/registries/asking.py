"""One question to one source: a deadline, a breaker, and whatever goes wrong comes out as a state of that source."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import structlog

from beeldpas.domain.errors import Unavailable
from beeldpas.domain.timeline import SourceState
from beeldpas.portal.registries.breaker import Breaker

log = structlog.get_logger()
Answer = TypeVar("Answer")
LEFT_ALONE = "left_alone"


@dataclass(frozen=True, slots=True)
class Failure:
    """A source that did not answer: late or otherwise, and why."""

    state: SourceState
    reason: str


async def ask(
    source: str, call: Callable[[], Awaitable[Answer]], deadline_s: float, breaker: Breaker, *, insists: bool
) -> Answer | Failure:
    """Ask one source. Whatever a source does, the others' answers count: here, and only here, anything is caught.

    What one person's data may be to blame for (too large, unreadable) counts neither for nor against a source.
    """
    if not breaker.lets(insists=insists):
        return Failure("failed", LEFT_ALONE)
    said = breaker.unknown
    try:
        async with asyncio.timeout(deadline_s):
            answer = await call()
        said = breaker.answered
        return answer
    except TimeoutError:
        said, failure = breaker.failed, Failure("late", "late")
    except Unavailable as error:
        said = breaker.failed if error.retryable else breaker.unknown
        failure = Failure("late" if error.reason == "late" else "failed", error.reason)
    except Exception as error:
        failure = Failure("failed", "unreadable")
        log.error("source_broke", source=source, kind=type(error).__name__)
    finally:
        said()
    log.warning("source_missing", source=source, state=failure.state, reason=failure.reason)
    return failure
