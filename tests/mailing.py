"""Patients who want mail, and a mail server that keeps what it gets and answers as the test wants."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.smtp import SMTP as Protocol
from aiosmtpd.smtp import Envelope
from tests.portal_doors import portal_settings
from tests.sharing_town import Town

from beeldpas.domain.mail import MailAddress
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.set_address import set_address
from beeldpas.portal.actions.verify_address import verify_address
from beeldpas.portal.notify.sender import Sender
from beeldpas.portal.pages.pages import Pages
from beeldpas.portal.settings import MailSettings

ANNAS = MailAddress.parse("anna.jansen@post.example")
SENDER = "Beeldpas <noreply@beeldpas.example>"


def wants_mail(town: Town, folder: Path, port: int = 25, **mail: Any) -> None:
    """Let the town's portal have a mail server (on this machine)."""
    settings = portal_settings(folder)
    chosen: dict[str, Any] = {"host": "127.0.0.1", "port": port, "security": "none", "sender": SENDER, **mail}
    town.house = replace(
        town.house, settings=settings.model_copy(update={"mail": MailSettings.model_validate(chosen)})
    )


def sender_of(town: Town) -> Sender:
    """A sender of this portal."""
    sender = Sender.of(town.house, Pages(town.house.settings))
    assert sender is not None
    return sender


def token_of(address: str) -> str:
    """The token in a link of a mail."""
    return parse_qs(urlsplit(address).query)["t"][0]


async def confirmed(town: Town, asker: Asker, address: MailAddress = ANNAS, language: str = "nl") -> None:
    """Let a patient set an address and follow its link (as the message would have it)."""
    await set_address(town.house, asker, address, language)
    await verify_address(town.house, asker, await pending_token(town, asker))


async def pending_token(town: Town, asker: Asker) -> str:
    """The token of the link that was last sent to this patient."""
    from beeldpas.portal.notify.links import MailLinks, Purpose
    from beeldpas.portal.store.tables import mail_address

    (row,) = await town.rows(mail_address, mail_address.c.patient == asker.subject)
    links = MailLinks(town.house.secrets, town.house.settings.base_url, town.house.clock)
    return token_of(links.make(Purpose.CONFIRM, f"{row.address_id}~{row.pending_mark}"))


@dataclass
class MailServer:
    """A real SMTP server on a port of this machine; `answers` may refuse by step (RCPT, DATA), once per entry."""

    tls: ssl.SSLContext | None = None
    answers: dict[str, list[str]] = field(default_factory=dict)
    got: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    cut: set[str] = field(default_factory=set)
    server: asyncio.Server | None = None
    before_answer: Callable[[], None] | None = None
    at_rcpt: Callable[[], Awaitable[None]] | None = None
    hangs_up_at_quit: bool = False
    raw: list[bytes] = field(default_factory=list)
    over_tls: list[bool] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)

    async def __aenter__(self) -> MailServer:
        loop = asyncio.get_running_loop()
        self.server = await loop.create_server(self._protocol, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self.server is not None
        self.server.close()
        await self.server.wait_closed()

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self.server is not None
        return int(self.server.sockets[0].getsockname()[1])

    def _protocol(self) -> Protocol:
        return Protocol(self, hostname="mail.example", tls_context=self.tls, require_starttls=self.tls is not None)

    async def handle_RCPT(self, server: Protocol, _s: Any, envelope: Envelope, address: str, _o: Any) -> str:
        """Take or refuse an address."""
        self.recipients.append(address)
        if self.at_rcpt is not None:
            await self.at_rcpt()
        if "RCPT" in self.cut:
            server.transport.abort()
        if answer := self._next("RCPT"):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_QUIT(self, server: Protocol, _s: Any, _e: Envelope) -> str:
        """Say goodbye, or hang up instead."""
        if self.hangs_up_at_quit:
            server.transport.abort()
        return "221 Bye"

    async def handle_DATA(self, server: Protocol, session: Any, envelope: Envelope) -> str:
        """Keep the message, or refuse it; `cut` hangs up before the answer."""
        if answer := self._next("DATA"):
            return answer
        parsed = message_from_bytes(cast(bytes, envelope.content), policy=default)
        self.raw.append(cast(bytes, envelope.content))
        self.over_tls.append(session.ssl is not None)
        self.got.append((list(envelope.rcpt_tos), cast(EmailMessage, parsed)))
        if self.before_answer is not None:
            self.before_answer()
        if "DATA" in self.cut:
            server.transport.abort()
        return "250 Taken"

    def _next(self, step: str) -> str:
        waiting = self.answers.get(step, [])
        return waiting.pop(0) if waiting else ""


async def send_all(sender: Sender) -> int:
    """Let a sender try everything that is due; returns how many it tried."""
    tried = 0
    while await sender.send_next():
        tried += 1
    return tried


async def send_in_a_process_of_its_own(url: str, folder: Path, port: int) -> None:
    """What a killed portal would have done: the test starts this in another program, and kills it."""
    from beeldpas.database.engine import open_engine
    from beeldpas.portal.secrets import load_secrets

    town = Town.build(open_engine(url))
    town.house = replace(town.house, secrets=load_secrets(folder / "secrets.json"))
    wants_mail(town, folder, port)
    await send_all(sender_of(town))
