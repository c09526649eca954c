"""Sending what waits, as long as the portal runs; and looking once a minute which shares end in two days."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import Unavailable
from beeldpas.domain.mail import MailAddress
from beeldpas.portal.house import House
from beeldpas.portal.notify import addresses, expiring, outbox
from beeldpas.portal.notify.links import MailLinks
from beeldpas.portal.notify.message import Writer
from beeldpas.portal.notify.notice import NoticeKind
from beeldpas.portal.notify.outbox import Waiting
from beeldpas.portal.notify.smtp import Delivery, Mailer
from beeldpas.portal.pages.pages import Pages

_PAUSE_SECONDS = 1.0
_LOOK_AROUND = timedelta(minutes=1)
log = structlog.get_logger()


@dataclass(slots=True)
class Sender:
    """One sender; several may run beside each other on one database."""

    house: House
    mailer: Mailer
    writer: Writer
    looked_at: datetime | None = field(default=None)

    @classmethod
    def of(cls, house: House, pages: Pages) -> "Sender | None":
        """Return a sender, or None where no mail server is set. Raises: OSError for an absent password file."""
        settings = house.settings
        if settings.mail is None:
            return None
        links = MailLinks(house.secrets, settings.base_url, house.clock)
        return cls(house, Mailer(settings.mail, settings.ca_file), Writer(settings, pages, links))

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            try:
                await self.look_around()
                while await self.send_next():
                    pass
            except Unavailable:
                log.warning("notices_database_unavailable")
            await asyncio.sleep(_PAUSE_SECONDS)

    async def look_around(self) -> None:
        """Once a minute: write what is due by the calendar, and tidy up."""
        now = self.house.clock()
        if self.looked_at is not None and now - self.looked_at < _LOOK_AROUND:
            return
        self.looked_at = now
        async with transaction(self.house.engine) as connection:
            await expiring.tell(connection, now)
            await addresses.forget_late(connection, now)
            await addresses.reseal(connection, addresses.seal_of(self.house.secrets))
            if uncertain := await outbox.tidy(connection, now):
                log.error("notices_uncertain", count=uncertain)

    async def send_next(self) -> bool:
        """Try the message that waits longest; False when none is due."""
        seal = addresses.seal_of(self.house.secrets)
        async with transaction(self.house.engine) as connection:
            held = await outbox.claim(connection, self.house.clock())
            stored = await addresses.find_by_id(connection, seal, held.address_id) if held else None
        if held is None:
            return False
        pending = held.kind is NoticeKind.VERIFY
        to = None if stored is None else stored.pending if pending else stored.verified
        if stored is None or to is None:
            await self._end(held, "dropped")
            return True
        try:
            message = self.writer.write(held, to, stored.language, stored.pending_mark, self.house.clock())
        except (LookupError, ValueError):  # one message without words must not keep back the others
            log.error("notice_without_words", notice=held.notice_id, kind=held.kind)
            await self._end(held, "failed")
            return True
        delivery = await self.mailer.deliver(message, to.reveal(), lambda: self._hand_over(held, to))
        await self._note(held, delivery)
        return True

    async def _hand_over(self, held: Waiting, to: MailAddress) -> bool:
        """Look once more before the text leaves: an address that was taken away meanwhile gets nothing."""
        async with transaction(self.house.engine) as connection:
            stored = await addresses.find_by_id(connection, addresses.seal_of(self.house.secrets), held.address_id)
            current = None if stored is None else (stored.verified, stored.pending)
            if current is None or to not in current:
                return False
            return await outbox.hand_over(connection, held, self.house.clock())

    async def _note(self, held: Waiting, delivery: Delivery) -> None:
        log.info("notice", notice=held.notice_id, kind=held.kind, delivery=delivery, attempt=held.attempts)
        if delivery is Delivery.LATER:
            async with transaction(self.house.engine) as connection:
                await outbox.postpone(connection, held, self.house.clock())
        elif delivery is not Delivery.NOT_OURS:
            await self._end(held, _OUTCOMES[delivery])

    async def _end(self, held: Waiting, outcome: str) -> None:
        async with transaction(self.house.engine) as connection:
            await outbox.end(connection, held, outcome, self.house.clock())


_OUTCOMES = {Delivery.SENT: "sent", Delivery.REFUSED: "failed", Delivery.UNCERTAIN: "uncertain"}
