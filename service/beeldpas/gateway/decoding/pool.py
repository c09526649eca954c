"""The decoding processes as the server sees them: a job goes to one of a few, and one that fails is replaced.

*Source:* the threat table's "decompression bombs" and "DICOM parser bugs": no native decoder where we serve.
"""

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from typing import Any

import structlog

from beeldpas.domain.errors import Malformed, Refused
from beeldpas.gateway.decoding import limits
from beeldpas.gateway.decoding.channel import LENGTHS_BYTES, lengths, packed

_PROGRAM = ("-I", "-B", "-m", "beeldpas.gateway.decoding.worker")
_ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
_MOST_WAITING = 64
log = structlog.get_logger()


class Decoders:
    """A few processes that decode; they start when the first job comes."""

    most_bytes = limits.MOST_FILE_BYTES

    def __init__(
        self, count: int = 2, program: Sequence[str] = _PROGRAM, seconds: float = limits.WALL_SECONDS
    ) -> None:
        self._program = tuple(program)
        self._seconds = seconds
        self._free: list[Process | None] = [None] * count
        self._turn = asyncio.Semaphore(count)
        self._waiting = 0

    async def run(self, job: str, content: Sequence[bytes | memoryview], **parameters: Any) -> bytes:
        """Have one job done.

        Raises: Malformed("not_decodable") when it cannot be done within the limits; Refused("too_many_requests").
        """
        if sum(map(len, content)) > self.most_bytes:
            raise Malformed("not_decodable")
        if self._waiting >= _MOST_WAITING:
            raise Refused("too_many_requests", {"n": 5})
        self._waiting += 1
        try:
            async with self._turn:
                return await self._run(packed({"job": job, **parameters}, sum(map(len, content))), content)
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        """End the processes."""
        for process in filter(None, self._free):
            await _end(process)
        self._free = [None] * len(self._free)

    async def _run(self, head: bytes, content: Sequence[bytes | memoryview]) -> bytes:
        process = self._free.pop()
        whole = False
        try:
            if process is None or process.returncode is not None:
                process = await self._start()
            async with asyncio.timeout(self._seconds):
                answer, made = await _exchange(process, head, content)
            whole = True
        except (TimeoutError, OSError, EOFError, ValueError) as error:
            log.warning("decoder_ended", kind=type(error).__name__)
            raise Malformed("not_decodable") from error
        finally:
            if not whole and process is not None:
                await _end(process)
            self._free.append(process if whole else None)
        if answer.get("state") != "done":
            log.info("not_decoded", kind=answer.get("kind"))
            raise Malformed("not_decodable")
        return made

    async def _start(self) -> Process:
        """Start one; it gets nothing of our environment."""
        return await asyncio.create_subprocess_exec(
            sys.executable, *self._program, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=_ENVIRONMENT
        )


async def _exchange(
    process: Process, head: bytes, content: Sequence[bytes | memoryview]
) -> tuple[dict[str, Any], bytes]:
    assert process.stdin is not None and process.stdout is not None  # noqa: S101  (both are pipes)
    process.stdin.write(head)
    for part in content:
        process.stdin.write(bytes(part))
        await process.stdin.drain()
    head_length, size = lengths(await process.stdout.readexactly(LENGTHS_BYTES))
    if head_length > LENGTHS_BYTES * 1024 or size > limits.MEMORY_BYTES:
        raise ValueError("an answer that no job has")
    answer = json.loads(await process.stdout.readexactly(head_length))
    return answer, await process.stdout.readexactly(size)


async def _end(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()
