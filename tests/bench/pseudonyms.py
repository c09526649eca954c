"""How long a sign-in waits for its names: one question to the real process, over its socket, one after the other."""

import asyncio
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.figures import Figure
from tests.cast import ANNA
from tests.naming_process import Town

_QUESTIONS, _ROUNDS = 100, 10


def pseudonyms(_work: Path) -> list[Figure]:
    """Milliseconds from the question to the answer, signature included; the mean of each round of a hundred."""
    with TemporaryDirectory(prefix="names-") as folder:
        town = Town.build(Path(folder), limit="1000000/minute")
        town.start()
        try:
            rounds = asyncio.run(_rounds(town))
        finally:
            town.stop()
    return [Figure("pseudonyms", "ms", rounds)]


async def _rounds(town: Town) -> list[float]:
    portal = town.caller("portal")
    found = []
    for number in range(_ROUNDS + 1):
        begun = time.perf_counter()
        for _ in range(_QUESTIONS):
            await portal.names(ANNA.bsn)
        if number:  # the first warms up
            found.append((time.perf_counter() - begun) / _QUESTIONS * 1000)
    await portal.close()
    return found
