"""Downloading as a browser does: press the button, follow to the hospital, write what comes to a file.

A transfer can be slow on purpose, and it can be left at an offset to be resumed.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx2

from beeldpas.demo.check.browser import Browser
from beeldpas.demo.check.page import Form, Page

_PIECE: Final = 64 * 1024
_LAPSE: Final = (httpx2.NetworkError, httpx2.RemoteProtocolError, httpx2.TimeoutException)


@dataclass(slots=True)
class Transfer:
    """One download under way or over. `broken` says how it broke; empty when the server ended it in order."""

    file: Path
    url: str = ""
    status: int = 0
    headers: httpx2.Headers = field(default_factory=httpx2.Headers)
    received: int = 0
    broken: str = ""
    last_byte_at: float = 0.0
    began: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def host(self) -> str:
        """Who sent it: the host name of the last address."""
        return urlsplit(self.url).hostname or ""

    @property
    def length(self) -> int:
        """What the server promised."""
        return int(self.headers.get("content-length", -1))

    @property
    def is_whole(self) -> bool:
        """Say whether everything that was promised arrived."""
        return self.status in (200, 206) and not self.broken and self.received == self.length

    def digest(self) -> str:
        """SHA-256 of the file."""
        with self.file.open("rb") as content:
            hasher = sha256()
            while piece := content.read(1024 * 1024):
                hasher.update(piece)
            return hasher.hexdigest()


@dataclass(slots=True)
class Pace:
    """Bytes a second that a reader takes; `free` lets it run. `until` leaves after that many bytes."""

    bytes_per_second: float = 0.0
    until: int = 0
    free: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self, received: int, begun: float) -> None:
        """Wait until this much may have been read."""
        if not self.bytes_per_second or self.free.is_set():
            return
        ahead = received / self.bytes_per_second - (time.monotonic() - begun)
        if ahead > 0:
            await asyncio.wait({asyncio.create_task(self.free.wait())}, timeout=ahead)


async def press(browser: Browser, page: Page, form: Form, file: Path, pace: Pace | None = None) -> Transfer:
    """Press a download button and follow it to its end."""
    transfer = Transfer(file)
    await press_into(transfer, browser, page, form, pace)
    return transfer


async def press_into(transfer: Transfer, browser: Browser, page: Page, form: Form, pace: Pace | None = None) -> None:
    """Press a download button; the transfer is filled while it runs."""
    target = page.absolute(form.action)
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": "null"}
    async with browser.following("POST", target, form.values, headers) as response:
        await _take(transfer, response, pace or Pace())


async def get(
    browser: Browser, url: str, file: Path, headers: Mapping[str, str] | None = None, pace: Pace | None = None
) -> Transfer:
    """Get an address; a `Range` is written where it belongs in the file."""
    transfer = Transfer(file)
    await get_into(transfer, browser, url, headers, pace)
    return transfer


async def get_into(
    transfer: Transfer,
    browser: Browser,
    url: str,
    headers: Mapping[str, str] | None = None,
    pace: Pace | None = None,
) -> None:
    """Get an address; the transfer is filled while it runs."""
    async with browser.following("GET", url, None, headers or {}) as response:
        await _take(transfer, response, pace or Pace())


async def _take(transfer: Transfer, response: httpx2.Response, pace: Pace) -> None:
    transfer.url, transfer.status, transfer.headers = str(response.url), response.status_code, response.headers
    begun = time.monotonic()
    with transfer.file.open("r+b" if response.status_code == 206 else "wb") as output:
        output.seek(_first_byte(response))
        try:
            async for piece in response.aiter_raw(_PIECE):
                output.write(piece)
                transfer.received += len(piece)
                transfer.last_byte_at = time.monotonic()
                transfer.began.set()
                if pace.until and transfer.received >= pace.until:
                    transfer.broken = "left by the reader"
                    return
                await pace.wait(transfer.received, begun)
        except _LAPSE as error:
            transfer.broken = type(error).__name__


def _first_byte(response: httpx2.Response) -> int:
    if response.status_code != 206:
        return 0
    return int(response.headers["content-range"].removeprefix("bytes ").partition("-")[0])
