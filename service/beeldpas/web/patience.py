"""HTTP with bounded patience: who takes too long or too many bytes to say what they want is let go.

The parser underneath has no limit of its own: a header that never ends would fill the memory, and one that comes a
byte at a time would hold its connection for ever. *Source:* RFC 6585 §5 (431); RFC 9112 §9.5 (closing in time).
"""

from asyncio import TimerHandle, Transport

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LARGEST_HEAD = 64 * 1024
HEAD_SECONDS = 20.0
_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n"
    b"cache-control: no-store\r\n\r\n"
)


class PatientProtocol(HttpToolsProtocol):
    """What uvicorn does for one connection, and a limit to the head of a request in bytes and seconds."""

    _in_head = True
    _has_ended = False
    _head_bytes = 0
    _deadline: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Give the first request its time."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the time."""
        self._forget_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came, and count it while no head is complete; the rest of a body is no head."""
        self._has_ended = False
        super().data_received(data)
        if not self._in_head or self._has_ended or self.transport.is_closing():
            return
        self._head_bytes += len(data)
        if self._head_bytes > LARGEST_HEAD:
            self.transport.write(_TOO_LARGE)
            self.transport.close()
        elif self._deadline is None:
            self._await_head()

    def on_message_begin(self) -> None:
        """A head begins."""
        self._in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """A head is complete."""
        self._in_head = False
        self._forget_deadline()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """A request is complete; the next thing to come is a head."""
        self._in_head, self._has_ended, self._head_bytes = True, True, 0
        super().on_message_complete()

    def _await_head(self) -> None:
        self._deadline = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _give_up(self) -> None:
        """Close, unless an answer to what was asked before still runs."""
        self._deadline = None
        if self.cycle is not None and not self.cycle.response_complete:
            self._await_head()
        else:
            self.transport.close()

    def _forget_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
