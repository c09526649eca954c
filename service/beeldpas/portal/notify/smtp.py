"""One message out by SMTP, in the steps that the outbox must tell apart.

What the server answered decides: 2xx is sent, 4xx may be tried again, 5xx to the address or the text is final.
Who has no answer to the text does not know. *Source:* RFC 5321 §4.2.1, §4.5.4.1, §6.1; RFC 1047; RFC 3207.
"""

import ssl
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from enum import StrEnum, auto
from pathlib import Path

from aiosmtplib import SMTP, SMTPException, SMTPRecipientRefused, SMTPResponseException

from beeldpas.portal.settings import MailSettings

_TIMEOUT_SECONDS = 30.0
_UNFOLDED = SMTP_POLICY.clone(max_line_length=998)  # a long link in a header would be encoded, and not be read


class Delivery(StrEnum):
    """How one attempt ended."""

    SENT = auto()
    LATER = auto()
    REFUSED = auto()
    UNCERTAIN = auto()
    NOT_OURS = auto()


class Mailer:
    """Hands messages to one mail server; a connection per message, since there are few."""

    def __init__(self, settings: MailSettings, ca_file: Path | None = None) -> None:
        """Raises: OSError when a file of the settings is not there."""
        self._settings = settings
        self._trust = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
        password_file = settings.password_file
        self._password = password_file.read_text(encoding="utf-8").strip() if password_file else None

    async def deliver(
        self, message: EmailMessage, recipient: str, hand_over: Callable[[], Awaitable[bool]]
    ) -> Delivery:
        """Send the message; `hand_over` is awaited just before its text leaves, and a False stops it."""
        server, outcome = self._server(), Delivery.LATER  # nothing is handed over yet
        try:
            async with server:
                outcome = await self._transact(server, message, recipient, hand_over)
        except SMTPRecipientRefused as refused:
            return _answered(refused.code)
        except (SMTPException, OSError):
            return outcome  # the server was not reached or did not want to talk, or its goodbye went wrong
        return outcome

    async def _transact(
        self, server: SMTP, message: EmailMessage, recipient: str, hand_over: Callable[[], Awaitable[bool]]
    ) -> Delivery:
        await server.mail(self._settings.sender_address)
        await server.rcpt(recipient)
        if not await hand_over():
            return Delivery.NOT_OURS
        try:
            await server.data(message.as_bytes(policy=_UNFOLDED))
        except SMTPResponseException as answered:
            return _answered(answered.code)
        except (SMTPException, OSError):
            return Delivery.UNCERTAIN
        return Delivery.SENT

    def _server(self) -> SMTP:
        settings = self._settings
        return SMTP(
            hostname=settings.host,
            port=settings.port,
            local_hostname=settings.sender_address.rpartition("@")[2],
            username=settings.user or None,
            password=self._password,
            use_tls=settings.security == "tls",
            start_tls=settings.security == "starttls",
            tls_context=None if settings.security == "none" else self._trust,
            timeout=_TIMEOUT_SECONDS,
        )


def _answered(code: int) -> Delivery:
    return Delivery.REFUSED if code >= 500 else Delivery.LATER
