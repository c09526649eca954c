"""Where to tell that something is not secure: `/.well-known/security.txt`, the same on every host.

*Source:* RFC 9116: Contact and Expires are required; who reads an expired file must not rely on it, so that a program
does not start with one, and says a month ahead that the date is to be looked at.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from urllib.parse import urlsplit

import structlog
from pydantic import Field, field_validator, model_validator
from starlette.responses import PlainTextResponse, Response

from beeldpas.domain.errors import NotFound
from beeldpas.web.settings import Part

PATH = "/.well-known/security.txt"
SOON = timedelta(days=30)
_LONGEST = timedelta(days=365)
_SCHEMES = ("mailto", "https", "tel")
log = structlog.get_logger()


class SecurityContact(Part):
    """Whom to tell, until which day that was looked at, and by which rules it is dealt with."""

    contact: tuple[str, ...] = Field(min_length=1, description="`mailto:security@…` or https, the preferred first")
    expires: date = Field(description="day until which this holds, less than a year ahead")
    policy: str = Field("", description="https address of the rules for whoever tells of a weakness")

    @field_validator("contact")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(urlsplit(one).scheme not in _SCHEMES or not one.isprintable() for one in value):
            raise ValueError("a contact begins with mailto:, https: or tel:")
        return value

    @model_validator(mode="after")
    def _in_time(self) -> Self:
        left = self.left(datetime.now(UTC))
        if not timedelta() < left <= _LONGEST:
            raise ValueError("security.expires must be a day within a year from now")
        return self

    def left(self, now: datetime) -> timedelta:
        """Return how long it still holds."""
        return self._moment() - now

    def ends_soon(self, now: datetime) -> bool:
        """Say whether it is time to look at contact and date: 30 days before the end."""
        return self.left(now) < SOON

    def text(self, base_url: str) -> str:
        """Return the file of the program with this address."""
        lines = [
            *(f"Contact: {one}" for one in self.contact),
            f"Expires: {self._moment():%Y-%m-%dT%H:%M:%SZ}",
            "Preferred-Languages: nl, en",
            f"Canonical: {base_url}{PATH}",
            *([f"Policy: {self.policy}"] if self.policy else []),
        ]
        return "\n".join(lines) + "\n"

    def _moment(self) -> datetime:
        return datetime.combine(self.expires, time.min, UTC)


def warn_in_time(security: SecurityContact | None, now: datetime) -> None:
    """Say in the log of a starting program that nobody was named, or that the end is near."""
    if security is None:
        log.warning("security_contact_absent")
    elif security.ends_soon(now):
        log.warning("security_contact_ends_soon", days=security.left(now).days)


def answer(security: SecurityContact | None, base_url: str) -> Response:
    """Return the file. Raises: NotFound where nobody was named."""
    if security is None:
        raise NotFound()
    return PlainTextResponse(security.text(base_url))
