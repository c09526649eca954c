"""Bytes on their way out, in chunks of one size: while the event loop sends one, a thread reads the next.

So nothing that may wait (a disk, a bucket) holds up the loop, and checking goes on beside sending. Memory is bounded:
a download has the chunk that is being sent and the one that is being read, however fast or slow either side is.
"""

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor

from beeldpas.formats.pieces import Pieces
from beeldpas.gateway.objects.port import ObjectStore
from beeldpas.gateway.reading import Reading
from beeldpas.gateway.reading import Stored as Stored
from beeldpas.gateway.rooms import Rooms

CHUNK_BYTES = 2 * 1024 * 1024


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
    """Reads bytes `start` to `stop` of a body, in order, once, one chunk ahead of whoever takes them."""

    def __init__(self, store: ObjectStore, threads: Threads, pieces: Pieces[Stored], start: int, stop: int) -> None:
        self._threads = threads
        self._reading = Reading(store, threads.opens, pieces.between(start, stop))
        self._left = stop - start
        self._rooms = Rooms()
        self._work: Future[memoryview] | None = None

    async def next(self) -> memoryview | None:
        """Give the next chunk, or None after the last. Raises: Unavailable("objects") when it is not to be had."""
        work = self._work or self._read_on()
        if work is None:
            return None
        chunk = await asyncio.wrap_future(work)  # lets others have a turn, even when it is done
        self._work = None
        self._read_on()
        return chunk

    def close(self) -> None:
        """Let go of every object, once no thread reads it: a descriptor closed too early can name another file."""
        if self._work is None or self._work.cancel() or self._work.done():
            self._reading.close()
        else:
            self._work.add_done_callback(lambda _: self._reading.close())

    def _read_on(self) -> "Future[memoryview] | None":
        if self._left:
            self._work = self._threads.reads.submit(self._read, min(CHUNK_BYTES, self._left))
            self._left -= min(CHUNK_BYTES, self._left)
        return self._work

    def _read(self, length: int) -> memoryview:
        room = self._rooms.take(length)
        self._reading.fill(room)
        return room
