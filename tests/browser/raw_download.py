"""A download whose connection is in the test's hands: read slowly, broken off at a place, gone on with."""

from __future__ import annotations

from http.client import HTTPConnection, HTTPResponse, IncompleteRead
from urllib.parse import urlsplit

from playwright.sync_api import Page

_MOST_HOPS = 5


class RawDownload:
    """What a browser does when a download button is pressed, with the same cookies, up to the archive itself."""

    def __init__(self, page: Page, form: str) -> None:
        fields = page.evaluate(
            "(form) => [form.action, new URLSearchParams(new FormData(form)).toString()]",
            page.locator(form).first.element_handle(),
        )
        kept = page.context.cookies()
        self._cookies = {one["domain"]: f"{one['name']}={one['value']}" for one in kept}  # type: ignore[typeddict-item]
        self._origin = "{0.scheme}://{0.netloc}".format(urlsplit(page.url))
        self.response = self._send(fields[0], fields[1])
        self.length = int(self.response.headers["Content-Length"])

    def read(self, size: int) -> bytes:
        """Read up to so many bytes, or what came before the connection broke."""
        try:
            return self.response.read(size)
        except IncompleteRead as broken:
            return broken.partial
        except ConnectionError:
            return b""

    def cut(self) -> None:
        """Break the connection."""
        self.connection.close()
        if hasattr(self, "response"):
            self.response.close()

    def go_on(self, start: int) -> bytes:
        """Ask for the rest, as a browser that resumes."""
        self.response = self._get(self.address, {"Range": f"bytes={start}-"})
        assert self.response.status == 206
        rest = self.response.read()
        self.cut()
        return rest

    def _send(self, address: str, body: str) -> HTTPResponse:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self._origin}
        response = self._ask("POST", address, headers, body)
        for _ in range(_MOST_HOPS):
            if response.status != 303:
                break
            response.close()
            self.cut()
            response = self._get(response.headers["Location"], {})
        assert response.status == 200, response.status
        return response

    def _get(self, address: str, headers: dict[str, str]) -> HTTPResponse:
        return self._ask("GET", address, headers, None)

    def _ask(self, method: str, address: str, headers: dict[str, str], body: str | None) -> HTTPResponse:
        before = urlsplit(getattr(self, "address", address))
        url = urlsplit(address if "://" in address else f"{before.scheme}://{before.netloc}{address}")
        self.address = url.geturl()
        self.connection = HTTPConnection("127.0.0.1", url.port or 80, timeout=30)
        cookie = self._cookies.get(url.hostname or "", "")
        sent = {"Host": url.netloc, "Cookie": cookie, "Sec-Fetch-Site": "same-origin", **headers}
        path = f"{url.path}?{url.query}" if url.query else url.path
        self.connection.request(method, path, body, sent)
        response = self.connection.getresponse()
        if given := response.headers.get("Set-Cookie"):
            self._cookies[url.hostname or ""] = given.partition(";")[0]
        return response
