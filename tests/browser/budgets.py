"""What a page may cost somebody on a slow connection, and how that is counted in a browser with nothing kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import CDPSession, Page

# Scripts and styles that the browser waits for before it shows anything; modules and deferred ones do not count.
BLOCKING_SCRIPTS = """() => [...document.querySelectorAll('script[src]:not([type=module]):not([defer]):not([async])')]
  .map((one) => one.src)"""
# CLS: how far what was shown moved while the page came in. *Source:* W3C Layout Instability.
SHIFT = """() => new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((one) => sum += one.hadRecentInput ? 0 : one.value))
    .observe({ type: 'layout-shift', buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => done(sum)));
})"""


@dataclass(frozen=True)
class Budget:
    """What a page may take: bytes over the wire without pictures, requests without pictures, and stylesheets."""

    kilobytes: int
    requests: int
    styles: int = 1


@dataclass
class Wire:
    """What came over the wire for one page: bytes as they travelled, compressed and with heads, by kind."""

    page: Page
    sizes: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, page: Page) -> Wire:
        """Listen to a page; its cache is off, as at a first visit."""
        wire, session = cls(page), page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        wire._listen(session)
        return wire

    def _listen(self, session: CDPSession) -> None:
        def came(event: dict[str, object]) -> None:
            response = event["response"]
            assert isinstance(response, dict)
            self.kinds[str(event["requestId"])] = str(event["type"])
            self.addresses[str(event["requestId"])] = str(response["url"])

        def ended(event: dict[str, object]) -> None:
            self.sizes[str(event["requestId"])] = int(str(event["encodedDataLength"]).partition(".")[0])

        session.on("Network.responseReceived", came)
        session.on("Network.loadingFinished", ended)

    def load(self, address: str) -> None:
        """Open a page as at a first visit, until nothing more comes."""
        for kept in (self.sizes, self.kinds, self.addresses):
            kept.clear()
        self.page.goto(address, wait_until="networkidle")

    def without_pictures(self) -> dict[str, int]:
        """Return the bytes of everything but pictures, by path."""
        return {
            urlsplit(self.addresses[one]).path: self.sizes.get(one, 0)
            for one, kind in self.kinds.items()
            if kind != "Image"
        }
