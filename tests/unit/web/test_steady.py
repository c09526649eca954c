"""What runs beside a program goes on after an error that nobody foresaw, and says that there was one."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs

from beeldpas.domain.errors import NotFound
from beeldpas.portal import erasing
from beeldpas.web import steady
from beeldpas.web.steady import steadily


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steady, "AGAIN_SECONDS", 0.0)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0)


async def test_shares_are_erased_after_a_share_that_broke_the_eraser(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds: list[str] = []

    async def erase_due(_house: object) -> int:
        rounds.append("round")
        if len(rounds) == 1:
            raise TypeError("of 999990019")
        return 0

    monkeypatch.setattr(erasing, "erase_due", erase_due)
    with capture_logs() as logs:
        task = asyncio.create_task(steadily("erasing", lambda: erasing.run(SimpleNamespace())))  # type: ignore[arg-type]
        await until(lambda: len(rounds) == 2)
        task.cancel()
    assert [(one["event"], one["work"], one["kind"]) for one in logs] == [("work_broke", "erasing", "TypeError")]
    assert "999990019" not in str(logs), "what an error says stays out of the log"


async def test_who_is_cancelled_is_not_begun_anew() -> None:
    begun: list[str] = []

    async def work() -> None:
        begun.append("begun")
        await asyncio.sleep(3600)

    task = asyncio.create_task(steadily("work", work))
    await until(lambda: bool(begun))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert begun == ["begun"]


async def test_work_that_is_done_is_done() -> None:
    begun: list[str] = []

    async def work() -> None:
        begun.append("begun")
        if len(begun) == 1:
            raise NotFound

    await steadily("work", work)
    assert begun == ["begun", "begun"]


@pytest.mark.parametrize("program", ["portal", "registry", "gateway"])
def test_nothing_runs_beside_a_program_without_it(program: str) -> None:
    begun = (Path(steady.__file__).parents[1] / program / "app.py").read_text().split("asyncio.create_task(")[1:]
    assert begun
    assert all(one.startswith("steadily(") for one in begun)
