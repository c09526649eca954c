"""Memory that is filled again once nobody holds it: fresh memory costs more than reading into it."""

from sys import getrefcount


class Rooms:
    """Rooms for chunks, for one thread. The server keeps a reference to what it has not written: their count tells.

    `most` rooms are kept; what is needed beyond them is fresh memory. None: as many as are needed at a time.
    """

    _FREE = 3  # the list, the variable below, and the argument of getrefcount

    def __init__(self, most: int | None = None) -> None:
        self._rooms: list[bytearray] = []
        self._most = most

    def take(self, length: int, size: int = 0) -> memoryview:
        """Return room of that length that nobody else uses; a new room gets `size` bytes, to fit others later."""
        for room in self._rooms:
            if getrefcount(room) == self._FREE and len(room) >= length:
                return memoryview(room)[:length]
        if self._most is not None and len(self._rooms) >= self._most:
            return memoryview(bytearray(length))
        self._rooms.append(bytearray(max(length, size)))
        return memoryview(self._rooms[-1])[:length]
