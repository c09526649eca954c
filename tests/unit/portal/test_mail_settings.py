"""Mail leaves over TLS, or not at all; and the sender is one plain address."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from beeldpas.portal.settings import MailSettings

GOOD = {"host": "mail.example", "sender": "Beeldpas <noreply@beeldpas.example>"}


def test_starttls_is_what_nobody_has_to_ask_for() -> None:
    settings = MailSettings.model_validate(GOOD)
    assert (settings.security, settings.port, settings.sender_address) == (
        "starttls",
        587,
        "noreply@beeldpas.example",
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"security": "none"},
        {"user": "portal"},
        {"password_file": Path("password.txt")},
        {"sender": "Beeldpas"},
        {"sender": "Beeldpas <a@b.example>\r\nBcc: c@d.example"},
        {"security": "perhaps"},
    ],
)
def test_what_would_leak_or_break_is_refused_at_start(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        MailSettings.model_validate(GOOD | wrong)


def test_without_tls_to_this_machine_only() -> None:
    assert MailSettings.model_validate(GOOD | {"host": "127.0.0.1", "security": "none"}).security == "none"
