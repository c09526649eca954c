"""Sending a run of messages to the hospital's audit repository over TLS, and knowing that it took them all.

Syslog has no answer. What tells is the end of the connection: everything was taken by the other machine, it had not
closed by itself, we said that we are done, and it ended the connection without a reset. A receiver that stops without
having read resets it, and then the whole run is sent again. *Source:* RFC 5425 §4.3 and §4.4; RFC 1122 §4.2.2.13.
"""

import asyncio
import fcntl
import ssl
import struct
import termios
from collections.abc import Sequence

from beeldpas.gateway.settings import AuditRepositorySettings

_DEADLINE_SECONDS = 30.0
_GOODBYE_SECONDS = 10.0
_PAUSE_SECONDS = 0.01


def tls_for(settings: AuditRepositorySettings) -> ssl.SSLContext:
    """Return how the repository is checked, and how this gateway shows who it is. Raises: OSError, ssl.SSLError."""
    context = ssl.create_default_context(cafile=str(settings.ca_file) if settings.ca_file else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.tls_cert is not None:
        context.load_cert_chain(settings.tls_cert, settings.tls_key)
    return context


async def deliver(host: str, port: int, tls: ssl.SSLContext, frames: Sequence[bytes]) -> None:
    """Send the frames over a connection of their own. Raises: OSError when not all of them were taken for certain."""
    async with asyncio.timeout(_DEADLINE_SECONDS):
        reader, writer = await asyncio.open_connection(
            _address(host),
            port,
            ssl=tls,
            server_hostname=host,
            ssl_handshake_timeout=_GOODBYE_SECONDS,
            ssl_shutdown_timeout=_GOODBYE_SECONDS,
        )
        try:
            for frame in frames:
                writer.write(frame)
                await writer.drain()
            await _taken(writer)
            if reader.at_eof():
                raise ConnectionResetError("the receiver closed before it had everything")
            writer.close()
            await writer.wait_closed()
        finally:
            writer.transport.abort()


async def _taken(writer: asyncio.StreamWriter) -> None:
    """Wait until the other machine has taken everything: twice, since the loop may be about to write more."""
    quiet = 0
    while quiet < 2:
        if writer.transport.is_closing():
            raise ConnectionResetError("the receiver closed before it had everything")
        waiting = writer.transport.get_write_buffer_size() or _in_kernel(writer)
        quiet = 0 if waiting else quiet + 1
        await asyncio.sleep(_PAUSE_SECONDS)


def _in_kernel(writer: asyncio.StreamWriter) -> int:
    socket = writer.get_extra_info("socket")
    return int(struct.unpack("i", fcntl.ioctl(socket.fileno(), termios.TIOCOUTQ, bytes(4)))[0])


def _address(host: str) -> str:
    """Names under `localhost` go to the loopback address. *Source:* RFC 6761 §6.3."""
    return "127.0.0.1" if host.endswith(".localhost") else host
