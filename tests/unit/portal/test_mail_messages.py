"""Every kind of message has its words in both languages, and none of them names anything that it must not."""

from datetime import timedelta
from pathlib import Path

import pytest
from tests.cast import NOW
from tests.mailing import ANNAS, sender_of, wants_mail
from tests.sharing_town import Town

from beeldpas.domain.stopping import BULK_REASONS, REASONS
from beeldpas.portal.actions.pausing import _IN_MAILS
from beeldpas.portal.notify.notice import NoticeKind
from beeldpas.portal.notify.outbox import Waiting

REFERENCE = "K7P-4QX-92M"


def waiting(kind: NoticeKind, reason: str = "") -> Waiting:
    """A message as the outbox holds it."""
    facts = {"n": 3, "verified": False, "reason": reason, "ends_at": (NOW + timedelta(days=2)).isoformat()}
    return Waiting("a" * 32, "b" * 32, kind, "c" * 32, REFERENCE, facts, NOW, 1, NOW)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("kind", NoticeKind)
def test_a_message_has_its_words(town: Town, tmp_path: Path, kind: NoticeKind, language: str) -> None:
    wants_mail(town, tmp_path)
    message = sender_of(town).writer.write(waiting(kind), ANNAS, language, "mark", NOW)
    plain = message.get_body(("plain",)).get_content()
    html = message.get_body(("html",)).get_content()
    assert message["Content-Language"] == language
    for text in (str(message["Subject"]), plain, html):
        assert "{" not in text and "None" not in text
    assert plain.count("?t=") == (0 if kind is NoticeKind.VERIFY else 1) + (
        kind in (NoticeKind.VERIFY, NoticeKind.EXPIRING)
    )
    paragraphs = [line for line in plain.splitlines() if line and "://" not in line]
    assert len(paragraphs) >= 4
    for word in paragraphs[0].split()[:5]:
        assert word in html


@pytest.mark.parametrize("why", sorted({*REASONS, *BULK_REASONS}))
def test_every_reason_of_the_helpdesk_has_words_of_ours(town: Town, tmp_path: Path, why: str) -> None:
    wants_mail(town, tmp_path)
    reason = _IN_MAILS.get(why, why)
    message = sender_of(town).writer.write(waiting(NoticeKind.HELPDESK_REVOKED, reason), ANNAS, "nl", None, NOW)
    assert "De reden is: " in message.get_body(("plain",)).get_content()


def test_a_reason_that_an_agent_typed_is_left_out(town: Town, tmp_path: Path) -> None:
    wants_mail(town, tmp_path)
    held = waiting(NoticeKind.HELPDESK_REVOKED, "knie van mevrouw Jansen")
    text = sender_of(town).writer.write(held, ANNAS, "nl", None, NOW).as_string()
    assert "knie" not in text
    assert "De reden is" not in text
