"""security.txt says whom to tell, for less than a year; a program warns a month ahead and does not start too late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError
from structlog.testing import capture_logs

from beeldpas.domain.errors import NotFound
from beeldpas.web.security_txt import SecurityContact, answer, warn_in_time

TODAY = datetime.now(UTC).date()


def holds_for(days: int, contact: str = "mailto:security@beeldpas.example") -> SecurityContact:
    return SecurityContact(
        contact=(contact,), expires=TODAY + timedelta(days=days), policy="https://b.example/policy"
    )


def test_the_file_has_what_the_standard_wants() -> None:
    lines = bytes(answer(holds_for(200), "https://noord.example").body).decode().splitlines()
    fields = dict(line.split(": ", 1) for line in lines)
    assert fields == {
        "Contact": "mailto:security@beeldpas.example",
        "Expires": f"{TODAY + timedelta(days=200)}T00:00:00Z",
        "Preferred-Languages": "nl, en",
        "Canonical": "https://noord.example/.well-known/security.txt",
        "Policy": "https://b.example/policy",
    }


@pytest.mark.parametrize("days", [-1, 0, 367])
def test_a_day_that_is_over_or_too_far_stops_the_start(days: int) -> None:
    with pytest.raises(ValidationError, match="within a year"):
        holds_for(days)


@pytest.mark.parametrize("contact", ["security@b.example", "http://b.example", "mailto:a@b.example\nExpires: never"])
def test_a_contact_is_an_address(contact: str) -> None:
    with pytest.raises(ValidationError):
        holds_for(100, contact)


@pytest.mark.parametrize(("days", "warned"), [(29, True), (32, False)])
def test_the_log_warns_thirty_days_before(days: int, warned: bool) -> None:
    with capture_logs() as logged:
        warn_in_time(holds_for(days), datetime.now(UTC))
    assert ([line["event"] for line in logged] == ["security_contact_ends_soon"]) is warned


def test_where_nobody_was_named_there_is_no_file_and_the_log_says_so() -> None:
    with pytest.raises(NotFound):
        answer(None, "https://b.example")
    with capture_logs() as logged:
        warn_in_time(None, datetime.now(UTC))
    assert logged[0]["event"] == "security_contact_absent"
