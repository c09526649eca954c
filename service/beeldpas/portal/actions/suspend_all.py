"""Everything that a patient shared is paused, for one whose letter and phone are gone: blind.

Nobody at the helpdesk learns whether there was anything: the answer is the same, and comes after the same time. The
number goes to the keeper of pseudonyms and nowhere else.
"""

import asyncio

from beeldpas.domain.actions import Action
from beeldpas.domain.bsn import BSN
from beeldpas.domain.stopping import NUMBERS_FROM
from beeldpas.portal.actions import resources
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.frame import Deed, Refusal, perform, record_also, require
from beeldpas.portal.actions.looking_up import too_many
from beeldpas.portal.actions.pausing import pause_grants
from beeldpas.portal.house import House
from beeldpas.portal.notify.notice import Notice, NoticeKind
from beeldpas.portal.notify.outbox import notify
from beeldpas.portal.store import holds

EVERYTHING = "everything"
ANSWER_SECONDS = 1.5


async def suspend_all(house: House, asker: Asker, bsn: BSN, *, number_from: str, note: str = "") -> None:
    """Pause every share of the person with this number, whether there are any or not.

    `number_from` says whose telephone number was called back; without it nobody was.
    Raises: Refused(call_back_missing, step_up_needed, too_many_lookups); NotFound; Unavailable.
    """
    loop, context = asyncio.get_running_loop(), _context(house, asker, number_from)
    answer_at = loop.time() + ANSWER_SECONDS
    await require(house, asker, Action.SUSPEND_ALL, resources.door("staff"), **context)
    names = await house.pseudonyms.names(bsn)

    async def work(deed: Deed) -> bool | Refusal:
        if refusal := await too_many(deed):
            return refusal
        deed.about_patient(names[0], "own")
        if refusal := deed.authorise(resources.door("staff"), **context):
            return refusal
        paused = await holds.suspend_all(deed.connection, names, EVERYTHING, deed.now)
        await pause_grants(deed, paused)
        for share in paused:
            await record_also(deed, Action.SUSPEND_SHARE, share, {"why": EVERYTHING})
        for name in names:
            await notify(deed.connection, name, Notice(NoticeKind.ALL_SUSPENDED), None, deed.now)
        deed.details = {"number_from": number_from, "note": note}
        return True

    try:
        await perform(house, asker, Action.SUSPEND_ALL, work)
    finally:
        await asyncio.sleep(max(0.0, answer_at - loop.time()))


def _context(house: House, asker: Asker, number_from: str) -> dict[str, str | int]:
    called = number_from if number_from in NUMBERS_FROM else ""
    return {"number_from": called, "authenticated_seconds": asker.authenticated_seconds(house.clock())}
