"""What Vite built: in the smallest encoding that a browser takes, and kept for a year where the name has a hash.

The build wrote each file once more in Brotli, gzip and, with a Node that can, Zstandard (`frontend/compressed.ts`).
*Source:* RFC 9110 §12.5.3 (Accept-Encoding), RFC 8246 (immutable).
"""

import re
from collections.abc import MutableMapping
from pathlib import Path
from typing import ClassVar, cast

from servestatic import ServeStaticASGI
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from beeldpas.portal.pages.assets import STATIC_URL
from beeldpas.portal.pages.security_policy import HEADER, WORKER_POLICY

# Vite puts a hash into the names below this; what stands beside it (the icon) may change.
_HASHED = f"^{STATIC_URL}assets/"
_WORKER = re.compile(r"Worker-[\w-]+\.js$")
_DAY_SECONDS = 86_400


class _Files(ServeStaticASGI):  # type: ignore[misc]  # servestatic says nothing about its types
    """Keeps hashed files for a year, as long as a cache believes; what was built anew meanwhile is not there."""

    FOREVER: ClassVar[int] = 365 * _DAY_SECONDS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except FileNotFoundError as error:
            raise HTTPException(404) from error


def static_files(dist: Path) -> ASGIApp:
    """Return the application that serves a folder below `STATIC_URL`; what is hidden in it stays so."""
    files = _Files(
        _nothing_there,
        root=dist,
        prefix=STATIC_URL,
        max_age=_DAY_SECONDS,
        allow_all_origins=False,
        immutable_file_test=_HASHED,
        add_headers_function=_let_a_worker_compile,
    )
    files.files = {address: file for address, file in files.files.items() if "/." not in address}
    return cast(ASGIApp, files)


def _let_a_worker_compile(headers: MutableMapping[str, str], _path: str, url: str) -> None:
    if _WORKER.search(url):
        headers[HEADER] = WORKER_POLICY


async def _nothing_there(scope: Scope, receive: Receive, send: Send) -> None:
    raise HTTPException(404)
