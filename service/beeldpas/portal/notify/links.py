"""The signed links of mails. A link changes nothing by being followed: mail programs and scanners follow links too.

Each purpose has a salt of its own, so that a link of one kind is worth nothing as another; the keys rotate.
*Source:* itsdangerous (TimestampSigner); RFC 2369 and RFC 8058 (List-Unsubscribe).
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from itsdangerous import BadSignature, TimestampSigner

from beeldpas.portal.notify.addresses import LINK_LASTS
from beeldpas.portal.secrets import Secrets


class Purpose(StrEnum):
    """What a link is for: the last part of its address."""

    CONFIRM = "confirm"
    EXTEND = "extend"
    STOP = "stop"


_LASTS = {Purpose.CONFIRM: LINK_LASTS, Purpose.EXTEND: timedelta(days=4), Purpose.STOP: timedelta(days=365)}


class MailLinks:
    """Makes and reads links with the house's clock."""

    def __init__(self, secrets: Secrets, base_url: str, clock: Callable[[], datetime]) -> None:
        self._keys = list(reversed(secrets.link.values))
        self._base_url = base_url
        self._clock = clock

    def make(self, purpose: Purpose, text: str, prefix: str = "") -> str:
        """Return the whole address of a link; `prefix` is that of the language (`/en`)."""
        return f"{self._base_url}{prefix}/mail/{purpose}?t={self._signer(purpose).sign(text).decode()}"

    def read(self, purpose: Purpose, token: str) -> str | None:
        """Return what was signed, or None for a link that we did not make, of another purpose, or too old."""
        try:
            return self._signer(purpose).unsign(token, max_age=int(_LASTS[purpose].total_seconds())).decode()
        except (BadSignature, UnicodeError):
            return None

    def _signer(self, purpose: Purpose) -> "_Signer":
        signer = _Signer(
            self._keys, salt=f"beeldpas.mail-{purpose}".encode(), key_derivation="hmac", digest_method=sha256
        )
        signer.clock = self._clock
        return signer


class _Signer(TimestampSigner):
    clock: Callable[[], datetime]

    def get_timestamp(self) -> int:
        """Tell the time as the house does."""
        return int(self.clock().timestamp())
