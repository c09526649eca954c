"""A source that fails several times in a row is left alone; one question at a time tries whether it is back."""

import asyncio
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beeldpas.domain.errors import Unavailable
from beeldpas.portal.registries.asking import LEFT_ALONE, Failure, ask
from beeldpas.portal.registries.breaker import Breaker, Breakers

PAUSE, MOST = 20.0, 3


@dataclass
class Time:
    """Seconds that go as the test wants."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Source:
    """Something that is asked: it answers, or fails in some way."""

    fault: BaseException | None = None
    asked: int = 0

    async def answer(self) -> str:
        self.asked += 1
        if self.fault is not None:
            raise self.fault
        return "here"


@dataclass
class Line:
    """A source behind its breaker."""

    time: Time = field(default_factory=Time)
    source: Source = field(default_factory=Source)

    def __post_init__(self) -> None:
        self.breaker = Breakers(MOST, PAUSE, self.time).of("noord")

    async def ask(self, *, insists: bool = False) -> str | Failure:
        return await ask("noord", self.source.answer, 5.0, self.breaker, insists=insists)


async def fails(line: Line, times: int) -> None:
    line.source.fault = Unavailable("noord")
    for _ in range(times):
        await line.ask()


async def test_after_some_failures_in_a_row_it_is_named_without_being_asked() -> None:
    line = Line()
    await fails(line, MOST)
    assert await line.ask() == Failure("failed", LEFT_ALONE)
    assert line.source.asked == MOST


async def test_an_answer_in_between_begins_the_count_anew() -> None:
    line = Line()
    await fails(line, MOST - 1)
    line.source.fault = None
    assert await line.ask() == "here"
    await fails(line, MOST - 1)
    assert not line.breaker.is_open


async def test_after_the_pause_one_question_tries_it_and_an_answer_opens_the_way_for_all() -> None:
    line = Line()
    await fails(line, MOST)
    line.time.now += PAUSE
    assert await line.ask() == Failure("failed", "unavailable")
    assert await line.ask() == Failure("failed", LEFT_ALONE)
    line.time.now += PAUSE
    line.source.fault = None
    assert await line.ask() == "here"
    assert await line.ask() == "here"


async def test_while_one_tries_it_nobody_else_waits() -> None:
    line, arrived, told = Line(), asyncio.Event(), asyncio.Event()
    await fails(line, MOST)
    line.time.now += PAUSE

    async def slow() -> str:
        arrived.set()
        await told.wait()
        return "here"

    trying = asyncio.create_task(ask("noord", slow, 5.0, line.breaker, insists=False))
    await arrived.wait()
    assert [await line.ask(), await line.ask(insists=True)] == [Failure("failed", LEFT_ALONE)] * 2
    told.set()
    assert await trying == "here"
    line.source.fault = None
    assert await line.ask() == "here"


async def test_somebody_who_insists_tries_it_earlier_but_not_as_often_as_they_like() -> None:
    line = Line()
    await fails(line, MOST)
    assert await line.ask(insists=True) == Failure("failed", LEFT_ALONE)
    line.time.now += 2
    assert await line.ask(insists=True) == Failure("failed", "unavailable")
    assert await line.ask(insists=True) == Failure("failed", LEFT_ALONE)
    line.time.now += 2
    line.source.fault = None
    assert await line.ask(insists=True) == "here"
    assert await line.ask() == "here"


async def test_whoever_goes_away_while_trying_lets_the_next_one_try() -> None:
    line = Line()
    await fails(line, MOST)
    line.time.now += PAUSE

    async def endless() -> str:
        await asyncio.sleep(3600)
        return "never"

    trying = asyncio.create_task(ask("noord", endless, 3600, line.breaker, insists=False))
    await asyncio.sleep(0)
    trying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await trying
    line.source.fault = None
    assert await line.ask() == "here"


async def test_what_one_persons_data_may_be_to_blame_for_closes_no_source_to_the_others() -> None:
    line = Line()
    for fault in (Unavailable("noord", retryable=False, reason="unreadable"), ZeroDivisionError()):
        line.source.fault = fault
        for _ in range(2 * MOST):
            assert isinstance(await line.ask(), Failure)
    assert line.source.asked == 4 * MOST


async def test_who_is_late_fails() -> None:
    line = Line()

    async def endless() -> str:
        await asyncio.sleep(3600)
        return "never"

    for _ in range(MOST):
        assert await ask("noord", endless, 0.01, line.breaker, insists=False) == Failure("late", "late")
    assert line.breaker.is_open


def test_every_source_has_a_breaker_of_its_own() -> None:
    breakers = Breakers()
    assert breakers.of("registry a") is breakers.of("registry a")
    assert breakers.of("registry a") is not breakers.of("hospital a")


@given(st.lists(st.tuples(st.sampled_from(["answered", "failed", "unknown"]), st.booleans(), st.integers(0, 30))))
def test_it_is_left_alone_exactly_after_that_many_failures_and_tried_by_one_at_a_time(
    story: list[tuple[str, bool, int]],
) -> None:
    time = Time()
    breaker, in_a_row = Breaker("noord", MOST, PAUSE, time), 0
    for outcome, insists, seconds in story:
        time.now += seconds
        if not breaker.lets(insists=insists):
            assert in_a_row >= MOST
            continue
        if in_a_row >= MOST:
            assert not breaker.lets(insists=True), "two try it at once"
        getattr(breaker, outcome)()
        in_a_row = {"answered": 0, "failed": in_a_row + 1, "unknown": in_a_row}[outcome]
        assert breaker.is_open == (in_a_row >= MOST)
