"""Bytes on their way out, in chunks of one size.

What the page cache holds is read at once; for anything that would wait (a disk, an open) a thread steps in, so that
nothing holds up the event loop. From a store where waiting is the rule, a thread reads the next chunk while this one
is sent. Memory is bounded: a download has one chunk or two, however fast or slow either side is.
"""

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor

from beeldpas.formats.pieces import Pieces
from beeldpas.gateway.objects.port import ObjectStore
from beeldpas.gateway.reading import Reading
from beeldpas.gateway.reading import Stored as Stored
from beeldpas.gateway.rooms import Rooms

# Large enough for what a chunk costs beside its bytes; no larger than the processor keeps near, where that matters.
CHUNK_BYTES, CHUNK_BYTES_AHEAD = 1536 * 1024, 2 * 1024 * 1024


class Threads:
    """Threads that read, and others that open: a reader may wait for an opener, never the other way round."""

    def __init__(self, count: int = 16) -> None:
        self.reads = ThreadPoolExecutor(count, "read")
        self.opens = ThreadPoolExecutor(count, "open")

    def close(self) -> None:
        """Let the threads end when they are done."""
        self.reads.shutdown(wait=False, cancel_futures=True)
        self.opens.shutdown(wait=False, cancel_futures=True)


class Pump:
    """Reads bytes `start` to `stop` of a body, in order, once."""

    def __init__(self, store: ObjectStore, threads: Threads, pieces: Pieces[Stored], start: int, stop: int) -> None:
        self._threads = threads
        self._reading = Reading(store, threads.opens, pieces.between(start, stop))
        self._reads_ahead = store.is_far
        self._chunk_bytes = CHUNK_BYTES_AHEAD if self._reads_ahead else CHUNK_BYTES
        self._left = stop - start
        self._rooms = Rooms()
        self._work: Future[memoryview] | None = None

    async def next(self) -> memoryview | None:
        """Give the next chunk, or None after the last. Raises: Unavailable("objects") when it is not to be had."""
        if self._work is None:
            length = self._take()
            if not length:
                return None
            if not self._reads_ahead:
                return await self._at_hand(length)
            self._submit(length)
        assert self._work is not None  # noqa: S101  (submitted, now or by the call before)
        chunk = await asyncio.wrap_future(self._work)  # lets others have a turn, even when it is done
        self._work = None
        if self._reads_ahead and (length := self._take()):
            self._submit(length)
        return chunk

    def close(self) -> None:
        """Let go of every object, once no thread reads it: a descriptor closed too early can name another file."""
        if self._work is None or self._work.cancel() or self._work.done():
            self._reading.close()
        else:
            self._work.add_done_callback(lambda _: self._reading.close())

    def _take(self) -> int:
        length = min(self._chunk_bytes, self._left)
        self._left -= length
        return length

    async def _at_hand(self, length: int) -> memoryview:
        room = self._rooms.take(length)
        filled = self._reading.fill(room, wait=False)
        if filled == length:
            await asyncio.sleep(0)  # lets others have a turn
            return room
        self._work = self._threads.reads.submit(self._fill, room, filled)
        await asyncio.wrap_future(self._work)
        self._work = None
        return room

    def _submit(self, length: int) -> None:
        self._work = self._threads.reads.submit(self._read, length)

    def _read(self, length: int) -> memoryview:
        return self._fill(self._rooms.take(length), 0)

    def _fill(self, room: memoryview, filled: int) -> memoryview:
        self._reading.fill(room, filled)
        return room
