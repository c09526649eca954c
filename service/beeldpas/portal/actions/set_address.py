"""A patient says where they want to be told; the address is used only after the link that is sent to it."""

from datetime import timedelta

from beeldpas.audit import log
from beeldpas.domain.actions import Action
from beeldpas.domain.mail import MailAddress
from beeldpas.portal.actions import resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import NOT_FOUND, Deed, Refusal, perform
from beeldpas.portal.house import House
from beeldpas.portal.notify import addresses, outbox
from beeldpas.portal.notify.notice import Notice, NoticeKind

_DAY = timedelta(days=1)


async def set_address(house: House, asker: Asker, address: MailAddress, language: str) -> None:
    """Let the address wait, and write the message with its link; one that is in use stays so until then.

    Raises: NotFound, also where no mail server is set; Refused("address_limit") after five links in a day.
    """
    seal = addresses.seal_of(house.secrets)

    async def work(deed: Deed) -> Refusal | None:
        deed.about_patient(asker.subject, "own")
        # By the log, since an address that is taken away takes its messages along.
        sent = await log.count_done(deed.connection, asker.names, Action.SET_ADDRESS, deed.now - _DAY)
        if refusal := deed.authorise(resources.history(asker.subject), sent_today=sent):
            return refusal
        if house.settings.mail is None:
            return Refusal(NOT_FOUND)
        address_id = await addresses.ask(deed.connection, seal, asker.subject, address, language, deed.now)
        await outbox.drop(deed.connection, address_id, NoticeKind.VERIFY, deed.now)
        await outbox.put(deed.connection, address_id, Notice(NoticeKind.VERIFY), None, deed.now)
        return None

    await perform(house, asker, Action.SET_ADDRESS, work)
