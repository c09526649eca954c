"""A front before the portal that passes everything on, except what its one fault is about.

    python -m beeldpas.demo.sabotage.front FAULT PORT TARGET_PORT BASE_URL CA_FILE CERT KEY

BASE_URL is the portal's address: requests go to TARGET_PORT under that name.
"""

import json
import sys
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator
from http.cookiejar import DefaultCookiePolicy
from typing import Final
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from beeldpas.demo.check.browser import open_client

_HIDING: Final = "west.localhost"
_METHODS: Final = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]
_PER_HOP: Final = frozenset({"connection", "transfer-encoding", "keep-alive", "host"})


class Front:
    """Passes requests to the portal; `fault` names what it does wrong."""

    def __init__(self, fault: str, target_port: int, base_url: str, ca_file: str) -> None:
        self._fault = fault
        self._target = f"https://{urlsplit(base_url).hostname}:{target_port}"
        self._ca_file = ca_file
        self._client = open_client(ca_file)
        # Cookies are the visitors' own: the front keeps none of them.
        self._client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._old_lists: dict[str, Response] = {}
        self._frozen = False

    async def answer(self, request: Request) -> Response:
        """Answer one request, rightly or wrongly."""
        path = request.url.path
        if self._fault == "hidden-use" and path == "/uses" and (hidden := _hidden(await request.body())) is not None:
            return hidden
        if self._fault == "status-ignored" and self._frozen and path in self._old_lists:
            return self._old_lists[path]
        self._frozen |= request.method == "POST" and "/helpdesk/" in path and path.endswith("/stop")
        answer = await self._pass_on(request)
        if path.startswith("/status/") and answer.status_code == 200:
            self._old_lists[path] = answer
        if self._fault == "portal-relays" and path.endswith("/download") and answer.status_code == 303:
            return await self._fetch(answer.headers["location"])
        return answer

    async def _pass_on(self, request: Request) -> Response:
        target = self._target + request.url.path + (f"?{request.url.query}" if request.url.query else "")
        headers = [(name, value) for name, value in request.headers.items() if name not in _PER_HOP]
        headers.append(("host", request.headers["host"]))
        passed = await self._client.request(request.method, target, headers=headers, content=await request.body())
        answer = Response(passed.content, passed.status_code)
        answer.raw_headers = [(name.lower(), value) for name, value in passed.headers.raw if _is_kept(name)]
        return answer

    async def _fetch(self, url: str) -> Response:
        client = open_client(self._ca_file)
        sent = await client.send(client.build_request("GET", url), stream=True, follow_redirects=True)

        async def body() -> AsyncIterator[bytes]:
            async for piece in sent.aiter_raw():
                yield piece
            await client.aclose()

        kept = {name: sent.headers[name] for name in ("content-type", "content-disposition") if name in sent.headers}
        return StreamingResponse(body(), sent.status_code, kept)


def _is_kept(name: bytes) -> bool:
    return name.lower() not in (b"connection", b"transfer-encoding", b"content-encoding")


def _hidden(body: bytes) -> Response | None:
    """Tell one hospital that its report was stored, without handing it on; others' reports go through."""
    payload = body.split(b".")[1]
    claims = json.loads(urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))
    if urlsplit(claims["iss"]).hostname != _HIDING:
        return None
    return JSONResponse({"stored": [event["event_id"] for event in claims["events"]], "refused": []})


def main(arguments: list[str]) -> None:
    """Serve until stopped."""
    fault, port, target_port, base_url, ca_file, cert, key = arguments
    front = Front(fault, int(target_port), base_url, ca_file)
    app = Starlette(routes=[Route("/{path:path}", front.answer, methods=_METHODS)])
    uvicorn.run(app, port=int(port), ssl_certfile=cert, ssl_keyfile=key, access_log=False, log_level="error")


if __name__ == "__main__":
    main(sys.argv[1:])
