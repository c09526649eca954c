"""A notice as a mail: plain text and the same in simple HTML, in the patient's language, from one fixed sender.

No picture, nothing that tells whether it was read, no attachment; nothing in it comes from somebody else's keyboard.
*Source:* RFC 5322, RFC 3834 (Auto-Submitted), RFC 2369 (List-Unsubscribe), people's texts in the catalogue.
"""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from urllib.parse import urlsplit

from beeldpas.domain.mail import MailAddress
from beeldpas.portal.notify.links import MailLinks, Purpose
from beeldpas.portal.notify.notice import NoticeKind
from beeldpas.portal.notify.outbox import Waiting
from beeldpas.portal.pages.language import address as page_address
from beeldpas.portal.pages.pages import Pages
from beeldpas.portal.settings import PortalSettings
from beeldpas.portal.words.service_facts import ServiceFacts
from beeldpas.portal.words.voice import Voice

_SENTENCES = ("what", "how", "next", "wrong")


@dataclass(frozen=True, slots=True)
class Writer:
    """Turns what waits into messages."""

    settings: PortalSettings
    pages: Pages
    links: MailLinks

    def write(self, held: Waiting, to: MailAddress, language: str, mark: str | None, now: datetime) -> EmailMessage:
        """Return the message; `mark` is that of an address that waits for its link."""
        say = self.pages.voices.get(language) or self.pages.voices["nl"]
        link = self._link(held, say.language, mark)
        stop = self.links.make(Purpose.STOP, held.address_id, page_address(say.language, ""))
        paragraphs = self._paragraphs(held, say)
        message = EmailMessage(policy=SMTP)
        message["Message-ID"] = f"<{held.notice_id}@{urlsplit(self.settings.base_url).hostname}>"
        message["Date"] = format_datetime(now)
        message["From"] = self._sender()
        message["To"] = Address(addr_spec=to.reveal())
        message["Subject"] = self._words(held, say, "subject")
        message["Auto-Submitted"] = "auto-generated"
        if held.kind is not NoticeKind.VERIFY:
            message["List-Unsubscribe"] = f"<{stop}>"
        shown_stop = "" if held.kind is NoticeKind.VERIFY else stop
        context = {"paragraphs": paragraphs, "link": link, "stop": shown_stop, "title": str(message["Subject"])}
        message.set_content(self._plain(say, paragraphs, link, shown_stop), cte="quoted-printable")
        message.add_alternative(self.pages.text("mail/notice.html", say, context), "html", cte="quoted-printable")
        message["Content-Language"] = say.language
        return message

    def _paragraphs(self, held: Waiting, say: Voice) -> list[str]:
        kinds = [f"what_{'verified' if held.facts.get('verified') else 'declared'}", *_SENTENCES]
        keys = [part for part in kinds if say.t.knows(f"mail.{held.kind}.{part}")]
        said = [self._words(held, say, part) for part in keys]
        reason = f"mail.reason.{held.facts.get('reason', '')}"
        if say.t.knows(reason):
            said.insert(1, say.t("mail.reason", reason=say.t(reason)))
        return said

    def _words(self, held: Waiting, say: Voice, part: str) -> str:
        ends = held.facts.get("ends_at")
        return say.t(
            f"mail.{held.kind}.{part}",
            ref=held.reference,
            n=held.facts.get("n", 0),
            date=say.date(held.made_at),
            time=say.time(held.made_at),
            last_day=say.last_day(datetime.fromisoformat(ends)) if ends else "",
            service=self.settings.service.name,
            site=self.settings.site,
            phone=ServiceFacts.of(self.settings.service, say.language).phone,
        )

    def _link(self, held: Waiting, language: str, mark: str | None) -> str:
        prefix = page_address(language, "")
        if held.kind is NoticeKind.VERIFY:
            return self.links.make(Purpose.CONFIRM, f"{held.address_id}~{mark}", prefix)
        if held.kind is NoticeKind.EXPIRING and held.share_id:
            return self.links.make(Purpose.EXTEND, held.share_id, prefix)
        return ""

    def _plain(self, say: Voice, paragraphs: list[str], link: str, stop: str) -> str:
        service = ServiceFacts.of(self.settings.service, say.language)
        foot = [f"-- \n{service.name}, {service.organisation}\n{service.phone}"]
        wishes = [f"{say.t('mail.no_more')}\n{stop}"] if stop else []
        return "\n\n".join([*paragraphs, *([link] if link else []), *wishes, *foot]) + "\n"

    def _sender(self) -> Address:
        name, spec = parseaddr(self.settings.mail.sender if self.settings.mail else "")
        return Address(display_name=name, addr_spec=spec)
