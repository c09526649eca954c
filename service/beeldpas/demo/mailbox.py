"""The demo's mail server: takes what the portal sends, delivers nothing, and shows it on a page.

`python -m beeldpas.demo.mailbox SMTP_PORT PAGE_PORT`; both on this machine only, and nothing is kept.
"""

import asyncio
import sys
from collections import deque
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html import escape
from re import sub
from typing import Any, cast

import uvicorn
from aiosmtpd.smtp import SMTP, Envelope
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

_HERE = "127.0.0.1"
_KEPT = 100
_STYLE = (
    "body{font:17px/1.5 sans-serif;max-width:45em;margin:2em auto;padding:0 1em}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;font:inherit}"
)


@dataclass(slots=True)
class Mailbox:
    """What came in, newest first."""

    mails: deque[EmailMessage] = field(default_factory=lambda: deque(maxlen=_KEPT))

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Envelope) -> str:
        """Keep a message."""
        self.mails.appendleft(message_from_bytes(cast(bytes, envelope.content), policy=default))
        return "250 Kept for the demo"

    async def page(self, _request: Request) -> HTMLResponse:
        """Show all messages."""
        shown = "\n".join(map(_shown, self.mails)) or "<p>No mail yet. Give an address at “Bericht krijgen”.</p>"
        title = "Mails of the demo"
        return HTMLResponse(
            f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title><style>{_STYLE}</style>"
            f"<h1>{title}</h1><p>Nothing leaves this machine. Load the page again for newer mail.</p>{shown}",
            headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"},
        )


def _shown(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    text = escape(body.get_content() if body else "")
    linked = sub(r"(https?://\S+)", r'<a href="\1">\1</a>', text)
    head = f"{mail['Date']} · {mail['From']} → {mail['To']}"
    return f"<hr><h2>{escape(str(mail['Subject']))}</h2><p>{escape(head)}</p><pre>{linked}</pre>"


async def serve(smtp_port: int, page_port: int) -> None:
    """Take mail and show it until told to stop."""
    mailbox = Mailbox()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(mailbox), _HERE, smtp_port)
    app = Starlette(routes=[Route("/", mailbox.page)])
    async with server:
        await uvicorn.Server(uvicorn.Config(app, host=_HERE, port=page_port, log_level="warning")).serve()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
