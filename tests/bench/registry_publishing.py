"""How many studies a second the registry takes from a hospital while patients' questions are answered.

Messages of a hundred studies with a report each, as the gateway sends them, one at a time to each of two processes,
all new; the questions come at a rate of 30 a second meanwhile and must be answered.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import httpx2
from tests.bench.country import a_study
from tests.bench.figures import Figure
from tests.bench.open_loop import ask
from tests.bench.registry_programs import HOSPITAL, Programs

from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import Malformed
from beeldpas.formats.fhir.bundles import transaction
from beeldpas.formats.fhir.text import render

_BATCH, _QUESTIONS_PER_S = 100, 30
_MESSAGES = 1000  # prepared; what a minute does not take stays unsent
_SECONDS = 30.0


async def publish_while_asked(programs: Programs, questions: Sequence[bytes]) -> list[Figure]:
    """Publish for half a minute; return the studies taken each second, and how the questions went."""
    messages = [_message(number) for number in range(_MESSAGES)]
    token = await asyncio.to_thread(programs.publishing_token)
    begun = time.perf_counter()
    asked = asyncio.create_task(ask(programs.ports, questions[: int(_SECONDS * _QUESTIONS_PER_S)], _QUESTIONS_PER_S))
    waiting = iter(messages)
    counts = await asyncio.gather(*(_stream(port, token, waiting, begun) for port in programs.ports))
    took = time.perf_counter() - begun
    taken = await asked
    if set(taken.statuses) != {200}:
        raise RuntimeError(f"not every question was answered: {taken.statuses}")
    return [
        Figure("registry_publish_per_s", "studies/s", [sum(counts) * _BATCH / took]),
        Figure("registry_lookup_p99_ms_publishing", "ms over HTTP", [taken.percentile(0.99)]),
    ]


async def _stream(port: int, token: str, waiting: Iterator[bytes], begun: float) -> int:
    sent = 0
    async with httpx2.AsyncClient(timeout=60) as client:
        while time.perf_counter() - begun < _SECONDS and (body := next(waiting, None)) is not None:
            answer = await client.post(
                f"http://127.0.0.1:{port}/fhir",
                content=body,
                headers={"Authorization": f"Bearer {token}", "Content-Type": "application/fhir+json"},
            )
            if answer.status_code != 200:
                raise RuntimeError(f"a message was refused: {answer.status_code} {answer.text[:300]}")
            sent += 1
    return sent


def _message(number: int) -> bytes:
    """A hundred studies of a hundred people."""
    studies = [
        a_study(f"1.2.826.0.1.3680043.8.499.{number * _BATCH + one}", _somebody(number * _BATCH + one), _day(one))
        for one in range(_BATCH)
    ]
    return render(transaction(HOSPITAL, studies)).encode()


def _somebody(number: int) -> BSN:
    """A number that passes the eleven-test; each stands for somebody."""
    candidate = 900_000_000 + number * 31
    while True:
        try:
            return BSN.parse(str(candidate))
        except Malformed:
            candidate += 1


def _day(number: int) -> date:
    return date(2026, 1, 1) + timedelta(days=number)
